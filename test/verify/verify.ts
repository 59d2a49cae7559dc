// Runs `cfha verify` of the administrator's host, and reads what it says.
import type { Stage } from '../scenarios/stage.ts';
import { expect } from '../scenarios/waiting.ts';

export type Verified = Readonly<{
  code: number;
  /** Codes of the checks that do not hold. */
  broken: readonly string[];
  drills: readonly Readonly<{ name: string; verdict: string; because: readonly string[] }>[];
  changed: readonly string[] | null;
  said: string;
}>;

type Json = Readonly<{
  checks: readonly Readonly<{ code: string; verdict: string; severity: string }>[];
  drills?: Verified['drills'];
  changed?: readonly string[] | null;
}>;

/** One with `--json`. */
export async function verify(stage: Stage, ...options: readonly string[]): Promise<Verified> {
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'verify', stage.region.path, '--json', ...options]); // prettier-ignore
  expect(stdout.startsWith('{'), `cfha verify says nothing: exit code ${code}\n${stderr}`);
  const { checks, drills = [], changed = null } = JSON.parse(stdout) as Json;
  const broken = checks.filter(({ verdict, severity }) => verdict === 'broken' && severity !== 'advice');
  return { code, broken: broken.map((one) => one.code), drills, changed, said: stderr };
}

/** All that was played held, and the region is as it was. */
export function expectProved({ code, broken, drills, changed, said }: Verified): void {
  const bad = drills.filter(({ verdict }) => verdict === 'broken' || verdict === 'not played');
  expect(bad.length === 0, `drills did not hold: ${JSON.stringify(bad)}\n${said}`);
  expect(broken.length === 0, `checks do not hold: ${broken.join(', ')}`);
  expect(changed === null || changed.length === 0, `the region is not as it was: ${changed?.join('\n') ?? ''}`);
  expect(code === 0, `exit code ${code}\n${said}`);
}
