// A keeper, asked over the network.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Answer, Request } from './rules/keeper.ts';
import { answerForm, longestLine, seal, unseal } from './wire.ts';

export type KeeperAddress = { readonly host: string; readonly port: number; readonly secret: string };

/** Undefined if it does not answer in time, or not with the secret. */
export function askKeeper(
  { host, port, secret }: KeeperAddress,
  request: Request,
  timeoutMs: number,
): Promise<Answer | undefined> {
  const nonce = randomBytes(16).toString('hex');
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const lines: string[] = [];
    let rest = '';
    const end = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on('error', () => end(undefined)).on('close', () => end(undefined));
    socket.setEncoding('utf8').on('data', (more: string) => {
      rest += more;
      for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
        lines.push(rest.slice(0, at));
        rest = rest.slice(at + 1);
        if (lines.length === 1) socket.write(seal(secret, lines[0] ?? '', { nonce, request }));
        else end(read(unseal(secret, nonce, lines[1] ?? '')));
      }
      if (rest.length > longestLine) end(undefined);
    });
  });
}

function read(value: unknown): Answer | undefined {
  const answer = answerForm.safeParse(value);
  return answer.success ? { ...answer.data, holder: answer.data.holder } : undefined;
}
