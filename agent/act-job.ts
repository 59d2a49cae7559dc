// Carries out the steps that begin and end the work in the background.
import { setTimeout as sleep } from 'node:timers/promises';
import { calledAs } from '../lib/host/own-executable.ts';
import type { Argv } from '../lib/host/exec.ts';
import { beginArgv, endArgvs, isActive, isActiveArgv } from '../lib/host/systemd.ts';
import { endWord } from './failed-copy.ts';
import { removeJob, unitOf, writeJob } from './job.ts';
import { left, type Site } from './site.ts';
import { lastLine, type Outcome, type StepOf } from './outcome.ts';
import { writeProgress } from './progress.ts';
import { describe } from './steps.ts';

export async function changeJob(
  step: StepOf<'begin rejoin' | 'end rejoin' | 'end word'>,
  site: Site,
): Promise<Outcome> {
  if (step.do === 'end word') {
    endWord(site.call.resource);
    return {};
  }
  return step.do === 'begin rejoin' ? begin(step, site) : end(site);
}

async function begin(step: StepOf<'begin rejoin'>, site: Site): Promise<Outcome> {
  const { resource } = site.call;
  writeJob(resource, { environment: site.environment?.() ?? {} });
  const argv = beginArgv(unitOf(resource), [calledAs(), 'rejoin', resource]);
  const result = await site.exec({ argv, timeoutMs: Math.min(20_000, left(site)) });
  if (result.code === 0) return {};
  removeJob(resource);
  return { failed: { code: 'STEP_FAILED', step: describe(step), message: lastLine(result) } };
}

const pollMs = 500;

/** That a unit is not there any more is as good. While it lives, its record stays: it would begin a server after this. */
async function end(site: Site): Promise<Outcome> {
  const { resource } = site.call;
  const run = (argv: Argv) => site.exec({ argv, timeoutMs: Math.min(20_000, left(site)) });
  for (;;) {
    for (const argv of endArgvs(unitOf(resource))) await run(argv);
    const said = await run(isActiveArgv(unitOf(resource)));
    if (!isActive(said)) break;
    const step = describe({ do: 'end rejoin' });
    if (left(site) < 2 * pollMs) return { failed: { code: 'STEP_FAILED', step, message: `${unitOf(resource)} does not end: ${lastLine(said)}` } }; // prettier-ignore
    await sleep(pollMs);
  }
  removeJob(resource);
  await writeProgress(site, undefined);
  return {};
}
