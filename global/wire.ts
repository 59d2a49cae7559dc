// What a site and a keeper say to each other: one line each way, over TCP, sealed with the secret they share. Each seal
// covers a number that the other side has just made up, so that nothing can be said again by somebody who listened.
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { readJson } from '../lib/json.ts';

const site = z.enum(['first', 'second']);
const epoch = z.number().int().min(0).max(1e12);
const ms = z.number().min(0).max(3_600_000);

export const requestForm = z.strictObject({
  what: z.enum(['look', 'hold', 'take', 'back', 'yield', 'try']),
  site,
  epoch,
  attempt: z.string().max(64),
  leaseMs: ms,
});
export const answerForm = z.object({ granted: z.boolean(), epoch, holder: site.optional(), waitMs: ms });
export const memoryForm = z.object({ epoch, holder: site.optional(), attempt: z.string(), leaseMs: ms });

const sealed = z.strictObject({ body: z.string().max(4000), seal: z.string().regex(/^[0-9a-f]{64}$/) });

export const longestLine = 8000;

function sealOf(secret: string, nonce: string, body: string): string {
  return createHmac('sha256', secret).update(`${nonce}\n${body}`).digest('hex');
}

/** One line. */
export function seal(secret: string, nonce: string, value: unknown): string {
  const body = JSON.stringify(value);
  return `${JSON.stringify({ body, seal: sealOf(secret, nonce, body) })}\n`;
}

/** What a line says; undefined if it is not sealed with the secret and the number. */
export function unseal(secret: string, nonce: string, line: string): unknown {
  const read = sealed.safeParse(readJson(line));
  if (!read.success) return undefined;
  const { body, seal: given } = read.data;
  const right = timingSafeEqual(Buffer.from(given), Buffer.from(sealOf(secret, nonce, body)));
  return right ? readJson(body) : undefined;
}
