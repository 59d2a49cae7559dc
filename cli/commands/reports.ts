// The report in files: as JUnit reads it, and as one page for people.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { htmlReport, type Page } from '../../verify/report/html.ts';
import { junitXml } from '../../verify/report/junit.ts';
import type { Findings } from '../../verify/run.ts';
import type { Terminal } from './region.ts';

export type Files = { readonly junit: string | undefined; readonly html: string | undefined };

/** True if all that was asked for is written; what is not, is said. */
export function writeReports(findings: Findings, { junit, html, page }: Files & { readonly page: Page }, err: Terminal['err']): boolean {
  const wanted = [
    ...(junit === undefined ? [] : [[junit, () => junitXml(findings)] as const]),
    ...(html === undefined ? [] : [[html, () => htmlReport(findings, page)] as const]),
  ];
  return wanted.map(([file, text]) => written(file, text(), err)).every(Boolean);
} // prettier-ignore

function written(file: string, text: string, err: Terminal['err']): boolean {
  try {
    writeFileSync(resolve(file), text);
    return true;
  } catch (error) {
    err(`cfha: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}
