// The pair of sites on a testbed:  scripts/with-node test/global/run.ts [--core] [--part PART] [--case TEXT] [--name NAME] [--keep]
// Parts: compare (the reference's rules and ours, side by side), cases, faults, verify, large (5 GB).
import { parseArgs } from 'node:util';
import { countsLine } from '../run/counts.ts';
import { ensureExecutable } from '../scenarios/stage.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { cases, type Case } from './cases.ts';
import { misfortunes, settle, type Misfortune } from './compare.ts';
import { faults, large } from './faults.ts';
import { layOut, nodeCount, pairOn, setUp, untilStandby, type Pair } from './pair.ts';
import { comparedText, play, suffer, tableText, wrongIn, type Compared, type Row } from './play.ts';
import { verifications } from './verified.ts';
import { beginAnew, removeReference, setUpReference } from './reference.ts';

const { values } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    part: { type: 'string' },
    case: { type: 'string', default: '' },
    name: { type: 'string', default: 'global' },
    keep: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line.trimEnd()}\n`);

const isNamed = ({ name }: { name: string }): boolean => name.includes(values.case);
const isPart = (part: string): boolean => values.part === undefined || values.part === part;
const parts: readonly (readonly [part: string, cases: readonly Case[]])[] = [['cases', cases], ['faults', faults], ['verify', verifications], ['large', [large]]]; // prettier-ignore
const all = parts.flatMap(([part, list]) => (isPart(part) ? list : []));
const chosen = all.filter((one) => (one.core || !values.core) && isNamed(one));
const compared = values.core || !isPart('compare') ? [] : misfortunes.filter(isNamed);

async function byReference(pair: Pair): Promise<readonly Compared[]> {
  const rows: Compared[] = [];
  if (compared.length === 0) return rows;
  await setUpReference(pair);
  for (const one of compared) {
    rows.push(await suffer(pair, one, 'reference'));
    await beginAnew(pair);
  }
  await removeReference(pair);
  return rows;
}

async function byOurs(pair: Pair, list: readonly Misfortune[]): Promise<readonly Compared[]> {
  const rows: Compared[] = [];
  for (const one of list) {
    rows.push(await suffer(pair, one, 'cfha'));
    await settle(pair);
    await untilStandby(pair, 'db2', 60);
  }
  return rows;
}

async function playAll(pair: Pair): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const one of chosen) {
    rows.push(await play(pair, one));
    if (rows.at(-1)?.ended === false) break; // the next one would begin with the remains of this one
  }
  return rows;
}

const testbed = openTestbed(values.name);
try {
  await ensureExecutable(say);
  await testbed.down({ wipe: true });
  await testbed.up({ nodes: nodeCount, say });
  const pair = pairOn(testbed, { guarded: true, interval: 1 }, say);
  await layOut(pair);
  const theirs = await byReference(pair);
  await setUp(pair);
  await untilStandby(pair, 'db2', 30);
  say('the pair is set up');
  const sideBySide = [...theirs, ...(await byOurs(pair, compared))].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)); // prettier-ignore
  const rows = await playAll(pair);
  const wrong = wrongIn(sideBySide);
  if (rows.length > 0) say(`\n${tableText(rows)}`);
  if (sideBySide.length > 0) say(`\n${comparedText(sideBySide)}\n${wrong.map((line) => `FAIL: ${line}`).join('\n')}`);
  const failed = rows.filter((row) => row.wrong.length > 0).length + (chosen.length - rows.length) + wrong.length;
  const passed = rows.filter((row) => row.wrong.length === 0).length + Math.max(0, compared.length - wrong.length);
  say(countsLine({ passed, failed }));
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await testbed.down(values.keep ? {} : { wipe: true });
}
