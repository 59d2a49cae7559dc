// Two sites made of data.
import type { Facts } from '../../../global/rules/facts.ts';
import type { View, Views } from '../../../global/rules/keeper.ts';

/** A global.yaml that is right. */
export const aGlobalFile = {
  first: { host: 'db1', address: '10.77.0.11' },
  second: { host: 'db2', address: '10.77.0.12' },
  database: { name: 'vmdb_production', user: 'cloudforms', passfile: '/var/lib/postgresql/.pgpass' },
  postgres: { programs: '/usr/lib/postgresql/15/bin', data: '/srv/pg/main', service: 'postgresql@15-main' },
  archive: { write: '/srv/archive', read: '/srv/archive-of-other' },
  witnesses: { secret: { file: 'witness.secret' }, hosts: ['10.77.0.21', '10.77.0.22', '10.77.0.23'] },
};

/** The second site, a healthy standby of the first, with three witnesses. */
export const aStandby: Facts = {
  site: 'second',
  hosts: { first: 'db1', second: 'db2' },
  server: 'standby',
  timeline: 1,
  systemId: '7',
  streams: true,
  startsAs: 'standby',
  other: { answers: true, inRecovery: false, timeline: 1, systemId: '7', position: 100n },
  mine: { epoch: 0, begun: 0, followed: 1, failures: 0 },
  views: allSay({ epoch: 1, holder: 'first', waitMs: 900 }),
  gate: 'closed',
  limit: 2,
  passfile: 'private',
};

/** The first site, the primary of the first epoch. */
export const aPrimary: Facts = {
  ...aStandby,
  site: 'first',
  server: 'primary',
  streams: false,
  startsAs: 'primary',
  other: { answers: true, inRecovery: true, timeline: 1, systemId: '7', position: 100n },
  mine: { epoch: 1, begun: 1, followed: 0, failures: 0 },
  gate: 'open',
};

export const silent: Facts['other'] = { answers: false, because: 'connect ETIMEDOUT' };

/** All keepers say the same. */
export function allSay(view: View | undefined): Views {
  return { own: view, other: view, witnesses: [view, view, view] };
}
