// Endings, one after the other, and the table of what came of them.
import { concluded } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
import { playEnding, type Ending, type Row } from './ending.ts';

/** Plays one after the other, and says how each has ended. */
export async function playEndings(stage: Stage, endings: readonly Ending[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const ending of endings) {
    stage.say(`-- ${ending.name}`);
    const row = await playEnding(stage, ending);
    rows.push(row);
    stage.say(`${row.wrong.length === 0 ? 'ok  ' : 'FAIL'} ${tableText([row]).split('\n')[1] ?? ''}`);
    row.wrong.forEach((line) => stage.say(line)); // the table has their first lines
  }
  return rows;
}

/** The table of all, and how many are as they must be; the exit code. */
export function conclude(stage: Stage, rows: readonly Row[]): number {
  stage.say(`\n${tableText(rows)}\n`);
  const failed = rows.filter(({ wrong }) => wrong.length > 0).length;
  return concluded({ passed: rows.length - failed, failed });
}

const heads = ['ending', 'gap', 'acknowledged', 'lost', 'streaming after', 'by itself', 'needed'] as const;

/** The table that is printed at the end. */
function tableText(rows: readonly Row[]): string {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ name, client, streamingAfter, byItself, needed, wrong }: Row): readonly string[] {
  return [
    name,
    client === undefined ? '?' : `${client.longestGap.toFixed(1)} s`,
    client === undefined ? '?' : String(client.acknowledged),
    client === undefined ? '?' : String(client.missing),
    streamingAfter === undefined ? 'never' : `${streamingAfter.toFixed(0)} s`,
    byItself ? 'yes' : 'no',
    [needed, ...wrong.map((line) => `FAIL: ${line.split('\n')[0] ?? ''}`)].filter(Boolean).join('; '),
  ];
}
