import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What a JSON file of ours holds, for the caller to say what that is; undefined if there is none. */
export function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Replaces a JSON file: whoever reads it, or kills us, sees the old or the new one whole. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
