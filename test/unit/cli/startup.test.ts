import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '../../..');

/** What loading a file loads at once: its imports and theirs, without those that are loaded when they are needed. */
function loadedBy(entry: string, { inputs }: Metafile): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    inputs[path]?.imports
      .filter(({ kind, external }) => kind !== 'dynamic-import' && external !== true)
      .forEach((found) => visit(found.path));
  };
  visit(entry);
  return seen;
}

async function metafile(): Promise<Metafile> {
  const options = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    metafile: true,
    write: false,
    logLevel: 'silent',
  } as const;
  const { metafile: found } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: ['cli/entry.ts'],
    external: ['pg-native', 'pg-cloudflare'],
  });
  return found;
}

describe('what a start loads', () => {
  it('as the agent: our own files alone; every package when it is needed', async () => {
    const packages = [...loadedBy('agent/main.ts', await metafile())].filter((path) =>
      path.startsWith('node_modules/'),
    );
    expect(packages).toEqual([]);
  });

  it('into the snapshot: nothing that only cfha needs', async () => {
    const { inputs } = await metafile();
    const all = Object.keys(inputs).filter((path) =>
      /^(cli|bootstrap)\/|node_modules\/(?!pg|postgres-|xtend|split2)/.test(path),
    );
    expect(all).toEqual(['cli/entry.ts']);
  });
});
