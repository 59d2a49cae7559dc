// The log file of cfha: winston, loaded when there is something to write. Never a secret: what is secret is told first.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export type Log = {
  write: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  close: () => Promise<void>;
};

/** Where nothing is kept. */
export const noLog: Log = { write: () => undefined, close: () => Promise.resolve() };

/** A text in which none of the secrets is left. */
export function masked(text: string, secrets: readonly string[]): string {
  return secrets.filter((s) => s.length > 3).reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** Appends JSON lines to a file; does nothing if it cannot be written (cfha works without a log). */
export async function fileLog(path: string, secrets: readonly string[]): Promise<Log> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  } catch {
    return noLog;
  }
  const { createLogger, format, transports } = await import('winston');
  const file = new transports.File({ filename: path, options: { flags: 'a', mode: 0o640 } });
  file.on('error', () => undefined);
  const logger = createLogger({
    format: format.combine(
      format.timestamp(),
      format.printf((info) => masked(JSON.stringify(info), secrets)),
    ),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its own transports so
    transports: [file],
  });
  logger.on('error', () => undefined);
  return {
    write: (message, details) => void logger.info(message, details),
    close: () =>
      new Promise((resolve) => {
        file.once('finish', () => resolve());
        logger.end();
        setTimeout(resolve, 1000).unref();
      }),
  };
}
