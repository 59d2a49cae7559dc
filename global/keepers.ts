// All keepers of the pair, asked at the same time: the site's own, the other's, the witnesses'.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../lib/host/clock.ts';
import { askKeeper } from './ask-keeper.ts';
import type { Answer, Request, Views } from './rules/keeper.ts';
import { askMsOf, goneMs, leaseMsOf, mayBegin, mayGoOn, usableMs, type Grants } from './rules/votes.ts';
import { otherOf, type Site } from './site.ts';

type Asked = Pick<Request, 'what' | 'epoch'> & { readonly attempt?: string };
type Answers = {
  readonly own: Answer | undefined;
  readonly other: Answer | undefined;
  readonly witnesses: readonly (Answer | undefined)[];
};

/** All answers, or those that are there when they are enough: one who is gone is not waited for then. Undefined: not there yet. */
export function whenEnough<T>(
  asked: readonly Promise<T>[],
  enough: (answers: readonly (T | undefined)[]) => boolean,
): Promise<readonly (T | undefined)[]> {
  const answers: (T | undefined)[] = asked.map(() => undefined);
  return new Promise((resolve, reject) => {
    asked.forEach((one, index) => {
      one.then((answer) => {
        answers[index] = answer;
        if (enough(answers)) resolve([...answers]);
      }, reject);
    });
    Promise.all(asked).then(resolve, reject);
  });
}

const shaped = ([own, other, ...witnesses]: readonly (Answer | undefined)[]): Answers => ({ own, other, witnesses });

/** `enough`: grants that decide it, whatever the others say. */
async function askAll(site: Site, asked: Asked, enough = (_: Grants) => false): Promise<Answers | undefined> {
  const { witnesses } = site.spec;
  if (witnesses === undefined || site.secret === undefined) return undefined;
  const leaseMs = leaseMsOf(site.spec.failover);
  const request: Request = { site: site.site, leaseMs, attempt: '', ...asked };
  const { secret } = site;
  const ask = (host: string) => askKeeper({ host, port: witnesses.port, secret }, request, askMsOf(leaseMs));
  const hosts = [site.spec[site.site].address, otherOf(site).address, ...witnesses.hosts];
  return shaped(await whenEnough(hosts.map(ask), (answers) => enough(grantsOf(shaped(answers)))));
}

export async function lookAtKeepers(site: Site): Promise<Views | undefined> {
  return askAll(site, { what: 'look', epoch: 0 });
}

function grantsOf({ own, other, witnesses }: Answers): Grants {
  const yes = (answer: Answer | undefined): boolean => answer?.granted === true;
  return { own: yes(own), other: yes(other), witnesses: witnesses.map(yes) };
}

/** Until when the gate may be open, by the monotonic clock; undefined: not at all by this. */
export async function hold(site: Site, epoch: number): Promise<number | undefined> {
  const asked = monotonicMs();
  const answers = await askAll(site, { what: 'hold', epoch }, mayGoOn);
  if (answers === undefined || !mayGoOn(grantsOf(answers))) return undefined;
  return asked + usableMs(leaseMsOf(site.spec.failover));
}

/** True if the epoch is this site's. What was given in vain is given back. */
export async function take(site: Site, epoch: number): Promise<boolean> {
  const attempt = randomBytes(8).toString('hex');
  const answers = await askAll(site, { what: 'take', epoch, attempt }, mayBegin);
  if (answers === undefined) return true;
  if (mayBegin(grantsOf(answers))) return true;
  await askAll(site, { what: 'back', epoch, attempt });
  return false;
}

export type Outside = { readonly reached: number; readonly tried: number };

/** How many witnesses reach this site's port: the gate as clients meet it. Undefined: none could try. */
export async function tryFromOutside(site: Site): Promise<Outside | undefined> {
  const answers = await askAll(site, { what: 'try', epoch: 0 });
  const tried = answers?.witnesses.filter((answer) => answer !== undefined) ?? [];
  return tried.length === 0
    ? undefined
    : { reached: tried.filter(({ granted }) => granted).length, tried: tried.length };
}

/** The gate is closed: nobody has to wait for the end of the loan. */
export async function yieldEpoch(site: Site, epoch: number): Promise<void> {
  const asked = monotonicMs();
  const answers = await askAll(site, { what: 'yield', epoch });
  if (answers === undefined || [answers.own, answers.other, ...answers.witnesses].every(Boolean)) return;
  // One that was too slow may take it yet, and this site may be told to go on after this.
  await sleep(asked + goneMs(leaseMsOf(site.spec.failover)) - monotonicMs());
}
