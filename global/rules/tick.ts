// What a site does, again and again: one table, by what it finds. Every beginning of the steps is safe to stay in, and the
// next look goes on from there.
import { otherSite, type SiteName } from '../site-name.ts';
import { decided, type Decision, type Facts, type Step } from './facts.ts';
import type { Views } from './keeper.ts';
import { agreedEpoch, nextEpoch, waitToBegin } from './votes.ts';

/** What a site finds, in one word. */
export type Situation =
  | 'no gate'
  | 'at rest'
  | 'silent server'
  | 'superseded'
  | 'first epoch'
  | 'epoch given'
  | 'primary'
  | 'primary without witnesses'
  | 'chosen'
  | 'standby'
  | 'other is a standby'
  | 'failure'
  | 'limit reached'
  | 'not entitled'
  | 'waiting for votes'
  | 'promotion';

export function situationOf(facts: Facts): Situation {
  if (facts.gate === 'absent') return 'no gate';
  switch (facts.server) {
    case 'stopped':
    case 'starting':
      return 'at rest';
    case 'hung':
      return 'silent server';
    case 'primary':
      return primary(facts);
    case 'standby':
      return standby(facts);
  }
}

/** The other is a primary, with a later timeline: it was promoted after this one. Of two alike, the second gives way. */
export function isOvertaken({ site, other, timeline, systemId }: Facts): boolean {
  if (!other.answers || other.inRecovery || other.systemId !== systemId) return false;
  const mineNow = timeline ?? 0;
  return other.timeline > mineNow || (other.timeline === mineNow && site === 'second');
}

function primary(facts: Facts): Situation {
  const { views, mine } = facts;
  if (isOvertaken(facts)) return 'superseded';
  if (views === undefined) return 'primary without witnesses';
  // It has asked for it, and runs as the primary already: by its first epoch, or because it was started as one.
  if (mine.begun > mine.epoch && isChosen(facts, views)) return 'epoch given';
  return mine.epoch === 0 && isUntouched(facts, views) ? 'first epoch' : 'primary';
}

/** No keeper has heard of an epoch, but for one that this site has asked for. */
function isUntouched({ site, mine }: Facts, { own, other, witnesses }: Views): boolean {
  return [own, other, ...witnesses].every(
    (view) => view === undefined || view.epoch === 0 || (view.holder === site && view.epoch <= mine.begun),
  );
}

function standby(facts: Facts): Situation {
  const { site, other, mine, limit, views } = facts;
  if (views !== undefined && isChosen(facts, views)) return 'chosen';
  if (other.answers) return other.inRecovery ? 'other is a standby' : 'standby';
  // The reference promotes the second site only; who has gone back to being the second stays that.
  if (site === 'first' || mine.failures + 1 < limit) return 'failure';
  if (views === undefined) return 'limit reached';
  return withVotes(facts, views);
}

/** It has begun an epoch, with all that is needed, and was interrupted before it was promoted. */
function isChosen({ site, mine }: Facts, views: Views): boolean {
  return [agreedEpoch(views), views.own].every((one) => one?.holder === site && one.epoch === mine.begun);
}

/** What is left of a loan is waited for at once: another look would take longer. Who asks too early is refused, as ever. */
const soonMs = 1500;
const waiting = ({ views, site }: Facts): readonly Step[] => {
  const wait = views === undefined ? undefined : waitToBegin(views, site);
  // Its clock need not run as the keepers' do.
  return wait === undefined || wait === 0 ? [] : [{ do: 'wait', ms: Math.ceil(wait * 1.05) + 20 }];
};

function withVotes(facts: Facts, views: Views): Situation {
  const agreed = agreedEpoch(views);
  const wait = waitToBegin(views, facts.site);
  if (agreed === undefined || wait === undefined || wait > soonMs) return 'waiting for votes';
  return isEntitled(facts, agreed) ? 'promotion' : 'not entitled';
}

/** It must have followed the site that had the last epoch: nothing that lacks its data takes its place. */
export function isEntitled(
  { site, mine }: Facts,
  { epoch, holder }: { epoch: number; holder: SiteName | undefined },
): boolean {
  // Its own attempts, which came to nothing, are nobody's data.
  const tried = holder === site && epoch > mine.epoch && epoch <= mine.begun;
  return tried || epoch === 0 || mine.followed === epoch;
}

type Rule = (facts: Facts) => Decision;

const hostOf = ({ hosts, site }: Facts): string => hosts[otherSite(site)];
const counted = ({ mine }: Facts): Step => ({ do: 'remember', mine: { failures: mine.failures + 1 } });
const close = (facts: Facts): readonly Step[] => (facts.gate === 'open' ? [{ do: 'close gate' }, { do: 'end sessions' }] : []); // prettier-ignore

/** Written down first: who has it and does not know of it could not go on after an interruption. */
export const begins = (epoch: number): readonly Step[] => [
  { do: 'remember', mine: { begun: epoch } },
  { do: 'take', epoch },
  { do: 'remember', mine: { epoch } },
];

const becomes = (facts: Facts, epoch: number): readonly Step[] => [
  { do: 'promote' },
  { do: 'remember', mine: { failures: 0 } },
  facts.views === undefined ? { do: 'open gate' } : { do: 'hold', epoch },
];

/** Exported for the page and the simulation. */
export const table: Readonly<Record<Situation, Rule>> = {
  'no gate': () => decided(['WARNING', 'The gate is not there: making it, closed'], { do: 'make gate' }),
  'at rest': (facts) => decided(['DEBUG', 'PostgreSQL is not running locally.'], ...close(facts)),
  // It is not asked for: what does not answer must not be open, and its loan ends by itself.
  'silent server': (facts) =>
    facts.views === undefined
      ? decided(['WARNING', 'The local database does not answer.'])
      : decided(['WARNING', 'The local database does not answer: its right to be open is not renewed.']),
  superseded: (facts) =>
    decided(
      ['ERROR', `${hostOf(facts)} is the primary now. Stopping the local database; run cfha global rejoin here.`],
      { do: 'close gate' },
      { do: 'end sessions' },
      { do: 'stop server' },
      { do: 'start at boot', enabled: false },
    ),
  'first epoch': (facts) => {
    const epoch = nextEpoch(facts);
    return decided(['INFO', `Beginning the first epoch, ${epoch}`], ...begins(epoch), { do: 'hold', epoch });
  },
  'epoch given': ({ mine: { begun: epoch } }) =>
    decided(['INFO', `Epoch ${epoch} is this site's: going on with it`], { do: 'remember', mine: { epoch } }, { do: 'hold', epoch }), // prettier-ignore
  primary: ({ mine }) =>
    decided(['INFO', "I'm already the primary, nothing to do."], { do: 'hold', epoch: mine.epoch }),
  'primary without witnesses': ({ gate }) =>
    gate === 'open'
      ? decided(['INFO', "I'm already the primary, nothing to do."])
      : decided(['INFO', 'Opening port'], { do: 'open gate' }),
  chosen: (facts) =>
    decided(
      ['INFO', 'Going on with the promotion that was begun'],
      { do: 'remember', mine: { epoch: facts.mine.begun } },
      ...becomes(facts, facts.mine.begun),
    ),
  standby: (facts) => {
    const epoch = followedNow(facts);
    const steps: Step[] = [...close(facts)];
    if (facts.mine.failures > 0) steps.push({ do: 'remember', mine: { failures: 0 } });
    if (epoch !== undefined && epoch !== facts.mine.followed) steps.push({ do: 'remember', mine: { followed: epoch } });
    return facts.mine.failures > 0
      ? { exit: 0, steps, says: [['INFO', 'Resetting failure count to 0']] }
      : decided(['DEBUG', `Primary ${hostOf(facts)} is up, nothing to do.`], ...steps);
  },
  'other is a standby': (facts) =>
    decided(['WARNING', `${hostOf(facts)} answers, but it is a standby as well. Nobody is the primary: cfha global failover on one of the two`], ...close(facts)), // prettier-ignore
  failure: (facts) => failed(facts, below(facts), counted(facts)),
  'limit reached': (facts) =>
    failed(
      facts,
      `${facts.limit} failures reached, promoting myself to primary`,
      { do: 'remember', mine: { epoch: facts.mine.epoch + 1 } },
      ...becomes(facts, 0),
    ),
  'not entitled': (facts) =>
    failed(
      facts,
      `${facts.limit} failures reached, but this site has not followed the last primary: a person decides (cfha global failover)`,
    ),
  'waiting for votes': (facts) => failed(facts, `${facts.limit} failures reached, ${waitWords(facts)}`, counted(facts)),
  promotion: (facts) => {
    const epoch = nextEpoch(facts);
    const steps = [...waiting(facts), ...begins(epoch), ...becomes(facts, epoch)];
    return failed(facts, `${facts.limit} failures reached, promoting myself to primary`, ...steps);
  },
};

function failed(facts: Facts, text: string, ...steps: readonly Step[]): Decision {
  const because = facts.other.answers ? '' : `: ${facts.other.because}`;
  return {
    exit: 0,
    steps,
    says: [
      ['INFO', `${hostOf(facts)} is down${because}`],
      ['INFO', text],
    ],
  };
}

function below({ site, mine, limit }: Facts): string {
  return site === 'first'
    ? 'The first site is not promoted without a person: cfha global failover'
    : `Current failure count ${mine.failures + 1} less than threshold ${limit}, waiting`;
}

function waitWords({ views, site }: Facts): string {
  const wait = views === undefined ? undefined : waitToBegin(views, site);
  return wait === undefined
    ? 'but no majority of the witnesses answers: not promoting myself'
    : `waiting ${wait} ms until its right to be open has ended`;
}

/** Seen on the other's own keeper, while its WAL arrives: not what a witness has heard. */
function followedNow({ streams, views, site }: Facts): number | undefined {
  const of = views?.other;
  return streams && of?.holder === otherSite(site) ? of.epoch : undefined;
}

/** What is done after so many failures, and only when one more has been counted. */
const byFailures: readonly Situation[] = ['failure', 'limit reached', 'not entitled', 'waiting for votes', 'promotion'];

export function tick(facts: Facts, counted = true): Decision {
  const situation = situationOf(facts);
  return counted || !byFailures.includes(situation)
    ? table[situation](facts)
    : decided(['DEBUG', `${hostOf(facts)} is down; looked ahead of time, not counted`]);
}
