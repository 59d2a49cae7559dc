// Lines as the reference's scripts wrote them: people and their tools look for them.
import type { Line } from './facts.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** `Jul 24 11:11:01 INFO: db1 is down` */
export function logLine([level, text]: Line, now: Date): string {
  const day = `${months[now.getMonth()]} ${two(now.getDate())}`;
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())} ${level}: ${text}\n`;
}
