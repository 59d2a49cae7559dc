// Which known word somebody may have meant who wrote an unknown one.

/** The known word nearest to the given one; undefined if none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(given.length / 3));
  const measured = known
    .map((word) => ({ word, apart: distance(given.toLowerCase(), word.toLowerCase()) }))
    .filter(({ apart }) => apart <= most)
    .toSorted((a, b) => a.apart - b.apart);
  return measured[0]?.word;
}

type Row = readonly number[];

/** By how many letters put in, taken out, changed, or swapped with the next, two words differ (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: Row[] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) rows.push(nextRow(rows, i, { a, b }));
  return rows.at(-1)?.at(-1) ?? 0;
}

function nextRow(rows: readonly Row[], i: number, { a, b }: { a: string; b: string }): Row {
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  return Array.from(b).reduce<number[]>(
    (row, letter, before) => {
      const changed = at(i - 1, before) + (a[i - 1] === letter ? 0 : 1);
      const swapped = a[i - 1] === b[before - 1] && a[i - 2] === letter ? at(i - 2, before - 1) + 1 : Infinity;
      return [...row, Math.min((row[before] ?? 0) + 1, at(i - 1, before + 1) + 1, changed, swapped)];
    },
    [i],
  );
}
