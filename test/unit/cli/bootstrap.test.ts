import { describe, expect, it } from '@jest/globals';
import { bootstrapCommand } from '../../../cli/commands/bootstrap.ts';

function aTerminal() {
  const lines = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (lines.out += text),
    err: (text: string) => void (lines.err += text),
    arch: 'x64',
    root: false,
    pid: 1,
    stopping: () => false,
  };
  return { lines, terminal };
}

describe('cfha bootstrap', () => {
  it('of a file that is not there exits with 2 and says so', async () => {
    const { lines, terminal } = aTerminal();
    expect(
      await bootstrapCommand(
        { file: '/no/such.yaml', plan: false, check: false, restart: false, accept: [], json: false },
        terminal,
      ),
    ).toBe(2);
    expect(lines).toEqual({
      out: '',
      err: '/no/such.yaml: 1 problem; nothing was done\n  the file: given "/no/such.yaml", which does not exist; expected a region file\n',
    });
  });

  it('of a file that is no region file prints JSON lines if asked', async () => {
    const { lines, terminal } = aTerminal();
    expect(
      await bootstrapCommand(
        { file: import.meta.filename, plan: false, check: false, restart: false, accept: [], json: true },
        terminal,
      ),
    ).toBe(2);
    for (const line of lines.out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ event: 'problem' });
  });
});
