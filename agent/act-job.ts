// Carries out the steps that begin and end the work in the background.
import { calledAs } from '../lib/host/own-executable.ts';
import { beginArgv, endArgvs } from '../lib/host/systemd.ts';
import { removeJob, unitOf, writeJob } from './job.ts';
import { left, type Site } from './site.ts';
import { lastLine, type Outcome, type StepOf } from './outcome.ts';
import { writeProgress } from './progress.ts';
import { describe } from './steps.ts';

export async function changeJob(step: StepOf<'begin rejoin' | 'end rejoin'>, site: Site): Promise<Outcome> {
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

/** That a unit is not there any more is as good. */
async function end(site: Site): Promise<Outcome> {
  const { resource } = site.call;
  for (const argv of endArgvs(unitOf(resource))) await site.exec({ argv, timeoutMs: Math.min(20_000, left(site)) });
  removeJob(resource);
  await writeProgress(site, undefined);
  return {};
}
