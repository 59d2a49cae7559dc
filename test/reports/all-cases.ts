// Every case there is: what the files in cases/ export.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { numbers } from './numbers.ts';

const folder = join(import.meta.dirname, 'cases');

/** A case and the file it is told in. */
type Told = Readonly<{ file: string; told: Case }>;

/** The cases in the order of their numbers. Throws what is wrong with the files. */
export async function readCases(): Promise<readonly Case[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const all = (await Promise.all(files.map(casesIn))).flat();
  const wrong = faultsIn(all);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return all.map(({ told }) => told).sort((a, b) => a.number - b.number);
}

async function casesIn(file: string): Promise<readonly Told[]> {
  const module = (await import(join(folder, file))) as { cases?: readonly Case[] };
  if (!Array.isArray(module.cases)) throw new Error(`test/reports/cases/${file} exports no cases`);
  return (module.cases as readonly Case[]).map((told) => ({ file, told }));
}

/** What is wrong, each in a sentence. */
export function faultsIn(all: readonly Told[]): readonly string[] {
  return all.flatMap(({ file, told }, index) => {
    const { number, title } = told;
    const prefix = `${String(number).padStart(2, '0')}-`;
    const twice = all.findIndex((other) => other.told.number === number && other.told.title === title) !== index;
    return [
      ...(numbers.includes(number) ? [] : [`${file}: there is no report ${number}`]),
      ...(file.startsWith(prefix) ? [] : [`${file}: a case of report ${number} is in a file ${prefix}….ts`]),
      ...(twice ? [`${file}: there are two cases "${title}" of report ${number}`] : []),
    ];
  });
}

/** The reports that have no case. */
export function missingIn(all: readonly Case[]): readonly number[] {
  return numbers.filter((number) => !all.some((told) => told.number === number));
}
