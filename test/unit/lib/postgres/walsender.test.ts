import { describe, expect, it } from '@jest/globals';
import { UnreadableAnswer, type Argv, type Result } from '../../../../lib/host/exec.ts';
import { askLineage, lineageArgv } from '../../../../lib/postgres/walsender.ts';

const who = '7714121767122542282|2|0/3000148|\n';
const whole = `${who}standby\noff\nreadonly\noff\nhistory\n00000002.history|1\t0/2000000\tno recovery target specified\n\nend\n`;
const said = (stdout: string): Result => ({ code: 0, stdout, stderr: '' });
const lost = (stderr: string): Result => ({ code: 2, stdout: '', stderr });

async function asking(results: readonly Result[], notReady?: string) {
  const asked: Argv[] = [];
  const run = (argv: Argv) => Promise.resolve(results[asked.push(argv) - 1] ?? lost('asked too often'));
  const from = { psql: '/bin/psql', service: 'r', timeoutMs: 1, notReady: () => Promise.resolve(notReady) };
  const answer = await askLineage({ run }, from);
  return { answer, asked };
}

describe('the primary, asked who it is', () => {
  it('is asked command by command, and for the history of the timeline that it has told', async () => {
    const { answer, asked } = await asking([said(who), said(whole)]);
    const ancestors = [{ timeline: 1, until: 0x2000000n }];
    expect(answer).toEqual({
      answers: { systemId: '7714121767122542282', timeline: 2, end: 0x3000148n, ancestors },
      inRecovery: false,
    });
    expect(asked[0]).toEqual(['/bin/psql', '-XAtq', '-d', 'service=r', '-c', 'IDENTIFY_SYSTEM']);
    expect(asked[1]).toContain('TIMELINE_HISTORY 2');
  });

  it('gets nothing back into psql: no variable is set or used, and no file is read', () => {
    const words = lineageArgv({ psql: 'psql', service: 'r' }, 2);
    expect(words.join('\n')).not.toMatch(/\\(gset|set|i|!)|:[a-z"']/);
  });

  it('has no history on timeline 1', async () => {
    const first = '7|1|0/3000148|\n';
    const { answer, asked } = await asking([said(first), said(`${first}standby\non\nreadonly\non\nhistory\nend\n`)]);
    expect(answer).toMatchObject({ inRecovery: true, answers: { timeline: 1, ancestors: [] } });
    expect(asked[1]?.join(' ')).not.toContain('TIMELINE_HISTORY');
  });

  it('is in recovery before version 14 if its transactions are read-only', async () => {
    const { answer } = await asking([said(who), said(whole.replace('standby\noff\nreadonly\noff', 'standby\nreadonly\non'))]); // prettier-ignore
    expect(answer).toMatchObject({ inRecovery: true });
  });

  it.each([
    ['7|1\n\\! touch /tmp/owned|0/1|\n'],
    ['7|1; drop table x|0/1|\n'],
    ['7|0|0/1|\n'],
    ['7|99999999999|0/1|\n'],
    ['7|1|zero|\n'],
    [`${'9'.repeat(30)}|1|0/1|\n`],
    [''],
    [`${who}${who}`],
  ])('is not understood when it answers %j, and is asked no more', async (stdout) => {
    await expect(asking([said(stdout)])).rejects.toThrow(UnreadableAnswer);
  });

  it('is not understood when another timeline answers the second time', async () => {
    const later = whole.replace('|2|', '|3|');
    await expect(asking([said(who), said(later)])).rejects.toThrow('was 2 and is 3');
  });

  it.each([
    'psql: error: connection to server at "db1" (10.0.0.1), port 5432 failed: Connection refused',
    'psql: error: connection to server at "db1" (10.0.0.1), port 5432 failed: timeout expired',
    'server closed the connection unexpectedly',
  ])('is silent in libpq’s own words: %s', async (stderr) => {
    expect((await asking([lost(stderr)])).answer).toHaveProperty('silent');
    expect((await asking([said(who), lost(stderr)])).answer).toHaveProperty('silent');
  });

  const startet = 'psql: error: Verbindung fehlgeschlagen: FATAL:  das Datenbanksystem startet';
  it('is silent in any language while it takes no connections, which its SQLSTATE tells', async () => {
    expect((await asking([lost(startet)], 'it takes no connections now')).answer).toEqual({
      silent: 'it takes no connections now',
    });
  });
  it('is not understood if it takes connections, and has refused this one', async () => {
    await expect(asking([lost(startet)])).rejects.toThrow('das Datenbanksystem startet');
  });
});
