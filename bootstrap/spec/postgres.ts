// PostgreSQL in the region file.
import * as z from 'zod';
import { parameters, type ParameterName } from '../../meta/parameters.ts';
import { types } from '../../meta/types.ts';
import { archive } from './archive.ts';
import { nearest } from '../../lib/host/nearest.ts';
import {
  absolute,
  address,
  key,
  listOf,
  mapOf,
  mapping,
  networkOf,
  oneOf,
  password,
  question,
  scalar,
  text,
  virtual,
  whole,
  yes,
} from '../../lib/yaml/kinds.ts';

const role = text(
  'a PostgreSQL role name: lower-case letters, digits and _, other than postgres and pg_…',
  /^(?!(postgres$|pg_))[a-z_][a-z0-9_]{0,62}$/,
);
const anyRole = text('a PostgreSQL role name', /^[a-z_][a-z0-9_]{0,62}$/);
const database = text(
  'a database name: letters, digits, _ and -, other than postgres, template0 and template1',
  /^(?!(postgres|template0|template1|replication|all)$)[A-Za-z_][A-Za-z0-9_-]{0,62}$/,
);

/** Parameters of the agent that the file does not take as such, and what gives them. All others may be given. */
export const derived: Partial<Record<ParameterName, string>> = {
  pgctl: 'postgres.version',
  psql: 'postgres.version',
  pgdata: 'postgres.data',
  config: 'postgres.data',
  pgport: 'postgres.port',
  pgdba: 'the package of PostgreSQL',
  rep_mode: 'postgres.replication.mode',
  synchronous_standbys: 'postgres.replication.synchronous_standbys',
  node_list: 'nodes',
  master_ip: 'postgres.replication.vip, or vip',
  repuser: 'postgres.replication.user',
  primary_conninfo_opt: 'postgres.replication.password',
  tmpdir: 'the home of PostgreSQL’s user',
  monitor_user: 'nobody: the agent comes as PostgreSQL’s own user',
  monitor_password: 'nobody: it would be a secret in the configuration',
};
export const settable = Object.keys(parameters).filter((name) => !(name in derived));
const parameterName = z.string().regex(new RegExp(`^(${settable.join('|')})$`), {
  error: ({ input }) => {
    const by = derived[String(input) as ParameterName];
    if (by !== undefined) return `nothing: this parameter is given by ${by}`;
    const meant = question(nearest(String(input), settable));
    return `a parameter that the file does not derive${meant}; these can be given: ${settable.join(', ')}`;
  },
});

function ofTheirKind(given: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(given)) {
    const kind = types[parameters[name as ParameterName].type];
    if (kind.read(value) === undefined) context.addIssue({ code: 'custom', path: [name], message: kind.expects });
  }
}

const replication = mapping({
  mode: key(oneOf(['async', 'sync']).default('async'), 'whether commits wait for a standby', 'async'),
  synchronous_standbys: key(
    whole(1, 2).optional(),
    'with `sync`: how many standbys, whichever they are, must have a commit',
    'one, always the same while it streams',
  ),
  logical_slots: key(
    oneOf(['local', 'synchronised']).default('local'),
    'with `synchronised` (`version` 17 or later) logical slots made with `failover` go on after a failover: standbys keep them in step',
    'they are their primary’s alone',
  ),
  user: key(role, 'role with which standbys connect'),
  password: key(password, 'its password'),
  vip: key(
    virtual.optional(),
    'a virtual IP of its own for the standbys’ connections, in a storage or replication network for example',
    'standbys use `vip.address`',
  ),
});

const application = mapping({
  name: key(database, 'application database'),
  owner: key(role, 'its owner'),
  password: key(password, 'the owner’s password'),
});

const source = mapping({
  in_place: key(
    yes.optional(),
    'the first node’s data directory is taken as it is: its server has been stopped, nothing of it is removed',
    'not in place',
  ),
  tar: key(absolute.optional(), 'file on the first node: a tar of a data directory', 'no tar'),
  clone: key(
    mapping({
      address: key(address, 'a running server'),
      port: key(whole(1, 65535).default(5432), 'its port', '5432'),
      user: key(anyRole, 'a role of it that may replicate'),
      password: key(password, 'its password'),
    }).optional(),
    'a running server, copied over the network',
    'no server',
  ),
});

export const postgres = mapping({
  version: key(whole(13, 18).optional(), 'major version', 'the newest that all nodes have'),
  data: key(
    absolute.optional(),
    'data directory (not a mount point itself)',
    'the distribution’s: `/var/lib/postgresql/VERSION/main`, `/var/lib/pgsql/[VERSION/]data`',
  ),
  space: key(
    text('a size: a whole number with MB, GB or TB, as 100GB', /^[1-9][0-9]{0,8}(MB|GB|TB)$/).optional(),
    'room that the data need: less is a finding',
    '2 GB',
  ),
  port: key(whole(1024, 65535).default(5432), 'port', '5432'),
  locale: key(
    text('the name of a locale, as C.UTF-8', /^[A-Za-z0-9_.@-]+$/).default('C.UTF-8'),
    'locale of a new instance',
    'C.UTF-8',
  ),
  replication: key(replication, 'how standbys follow'),
  database: key(application, 'the application’s database'),
  source: key(
    source.optional(),
    'a database that is brought along, in one of three ways; of the same major version',
    'a new one is made',
  ),
  clients: key(
    listOf(networkOf, 'a list of networks, at least one', [1, 100]),
    'networks from which the owner may connect to the database',
  ),
  archive: key(
    archive.optional(),
    'the WAL archive: a `directory`, or commands of your own',
    'none: a standby that was away for too long has to be copied anew',
  ),
  log: key(
    mapping({
      rotate: key(
        oneOf(['postgresql', 'logrotate']).default('postgresql'),
        'who rotates its log: PostgreSQL itself (a file a weekday, kept for a week), or logrotate (one file, postgresql.log)',
        'postgresql',
      ),
      keep: key(whole(1, 3650).default(7), 'with logrotate: how many days are kept', '7'),
    }).prefault({}),
    'the server’s log',
    'a file a weekday',
  ),
  parameters: key(
    mapOf(parameterName, scalar, 'a mapping of parameters of the agent').superRefine(ofTheirKind).default({}),
    'more parameters of the agent ([parameters](parameters.md)), those that are not derived from the file',
    'none',
  ),
});
