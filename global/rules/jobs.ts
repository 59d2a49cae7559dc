// The reference's jobs: the same rules, exit codes and words. What they do beyond it is what keeps two sites from being open.
import { otherSite } from '../site-name.ts';
import { decided, refused, type Decision, type Facts } from './facts.ts';
import { tick } from './tick.ts';
import { isSuperseded } from './votes.ts';

const here = ({ hosts, site }: Facts): string => hosts[site];
const there = ({ hosts, site }: Facts): string => hosts[otherSite(site)];

/** psql would ignore it, and every check would fail. */
function withPassfile(facts: Facts, passfile: string, rule: (facts: Facts) => Decision): Decision {
  if (facts.passfile === 'missing') return refused(['ERROR', `Please create ${passfile}`]);
  if (facts.passfile === 'open to others')
    return refused(['ERROR', `${passfile} must belong to PostgreSQL's user, and nobody else may read it (chmod 600)`]);
  return rule(facts);
}

/** At boot of the first site. */
export function checkStart(facts: Facts, passfile: string): Decision {
  if (facts.site !== 'first') return refused(['INFO', `Not on ${facts.hosts.first}, exiting`]);
  return withPassfile(facts, passfile, () => {
    if (facts.server !== 'stopped') return refused(['WARNING', 'PostgreSQL is already running locally, exiting']);
    if (facts.startsAs === 'nothing')
      return refused([
        'ERROR',
        'There is no database here: cfha global rejoin --clone, if the other site is the primary',
      ]);
    // As a standby it is in nobody's way.
    return facts.startsAs === 'standby'
      ? decided(['INFO', 'Starting local database as a standby'], start)
      : startAsPrimary(facts);
  });
}

function startAsPrimary(facts: Facts): Decision {
  const { other, views, site, mine } = facts;
  if (other.answers && !other.inRecovery)
    return decided(['INFO', `${there(facts)} is running as primary, not starting local database`]);
  if (views !== undefined && isSuperseded(views, site, mine.epoch))
    return decided(['INFO', `${there(facts)} has been promoted, as the witnesses know: not starting local database`]);
  const why = other.answers ? `${there(facts)} is a standby` : `Cannot connect to ${there(facts)}`;
  return decided(['INFO', `${why}, starting local database`], start);
}

const start = { do: 'start server' } as const;

/** At boot of the second site. */
export function checkAccess(facts: Facts): Decision {
  if (facts.site !== 'second') return decided(['INFO', `Not on ${facts.hosts.second}, exiting`]);
  if (facts.server === 'standby') return decided(['INFO', 'Running as standby, not opening port']);
  if (facts.server !== 'primary') return refused(['WARNING', 'PostgreSQL is not running locally, exiting.']);
  if (facts.gate === 'open') return decided(['WARNING', 'Port already open']);
  return tick(facts);
}

/** Of the second site, again and again. */
export function checkPromote(facts: Facts, passfile: string): Decision {
  if (facts.site !== 'second') return decided(['INFO', `Not on ${facts.hosts.second}, exiting`]);
  return withPassfile(facts, passfile, () =>
    facts.server === 'stopped' || facts.server === 'starting'
      ? refused(['WARNING', 'PostgreSQL is not running locally, exiting.'])
      : tick(facts),
  );
}

/** Before the second site's data are replaced by a copy. The steps after it are not a decision any more. */
export function mayInitializeStandby(facts: Facts, passfile: string): Decision {
  if (facts.site !== 'second') return decided(['INFO', `Not on ${facts.hosts.second}, exiting`]);
  return withPassfile(facts, passfile, () => {
    if (facts.server !== 'stopped')
      return refused(
        ['ERROR', 'The local database is still running.'],
        ['ERROR', `Please verify that ${there(facts)} is the current primary, and then stop the local database.`],
      );
    if (!facts.other.answers) return refused(['ERROR', `Cannot connect to ${there(facts)}: ${facts.other.because}`]);
    if (facts.other.inRecovery) return refused(['ERROR', `${there(facts)} is a standby: there is nothing to copy`]);
    const overwriting = 'Overwriting database files with backup from primary';
    return decided(['INFO', overwriting], { do: 'make gate' });
  });
}

/** The first of two steps back: the second site has what the first is to get. */
export function mayReleaseStandby(facts: Facts): Decision {
  if (facts.site !== 'second') return refused(['ERROR', `Not on ${facts.hosts.second}: ${here(facts)} has nothing to release`]); // prettier-ignore
  const { other, startsAs } = facts;
  if (other.answers && !other.inRecovery) return refused(['ERROR', `${there(facts)} is the primary: there is nothing to release`]); // prettier-ignore
  // An earlier call may have come as far as to stop it.
  if (facts.server === 'stopped' && startsAs === 'primary') return decided(['INFO', 'Blocking incoming connections'], { do: 'close gate' }); // prettier-ignore
  if (facts.server !== 'primary')
    return refused(['ERROR', `The local database is not running as primary (${facts.server}): there is nothing to release`]); // prettier-ignore
  return decided(['INFO', 'Blocking incoming connections'], { do: 'close gate' }, { do: 'end sessions' });
}

/** The second one. */
export function mayInitializePrimary(facts: Facts, backup: string | undefined): Decision {
  if (facts.site !== 'first') return refused(['ERROR', `Not on ${facts.hosts.first}, exiting`]);
  if (backup !== undefined)
    return refused(
      ['ERROR', `Cannot find database backup ${backup}`],
      ['ERROR', `Run pgsql-standby-release on ${facts.hosts.second} first`],
    );
  return facts.other.answers
    ? refused(['ERROR', `${facts.hosts.second} is still running, not starting local database`])
    : decided(['INFO', 'Overwriting database files with backup from standby'], { do: 'make gate' });
}
