// /etc/cfha/global.yaml: its keys, what each must be, and the value they become. docs/global.md describes them for people.
import * as z from 'zod';
import { absolute, address, filePath, hostName, mapping, text, whole } from '../lib/yaml/kinds.ts';

const role = text('a PostgreSQL role name: lower-case letters, digits and _', /^[a-z_][a-z0-9_]{0,62}$/);
const site = mapping({ host: hostName, address });

export const schema = mapping({
  first: site,
  second: site,
  database: mapping({
    name: text('a database name: letters, digits, _ and -', /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/),
    user: role,
    replication_user: role.default('replicator'),
    passfile: absolute,
  }),
  postgres: mapping({
    programs: absolute,
    data: absolute,
    port: whole(1024, 65535).default(5432),
    user: text('the name of a user', /^[a-z_][a-z0-9_.-]{0,31}$/).default('postgres'),
    service: text('the name of a systemd service without .service', /^[A-Za-z0-9_.@:\\-]{1,200}$/).refine(
      (v) => !v.endsWith('.service'),
      { error: 'the name of a systemd service without .service' },
    ),
  }),
  failover: mapping({ failures: whole(1, 100).default(2), interval: whole(1, 3600).default(60) }).prefault({}),
  archive: mapping({ write: absolute, read: absolute, days: whole(1, 3650).default(7) }).optional(),
  gate: mapping({
    firewall: z
      .enum(['nftables', 'iptables', 'firewalld'], { error: 'nftables, iptables or firewalld' })
      .default('nftables'),
  }).prefault({}),
  ssh: mapping({
    user: text('the name of a user', /^[a-z_][a-z0-9_.-]{0,31}$/).default('root'),
    port: whole(1, 65535).default(22),
    identity: absolute.optional(),
  }).prefault({}),
  witnesses: mapping({
    port: whole(1024, 65535).default(5480),
    secret: mapping({ file: filePath }),
    hosts: z.array(address, { error: 'a list of IPv4 addresses' }).refine((list) => list.length % 2 === 1, {
      error: 'an odd number of witnesses: one more does not make a majority surer',
    }),
  }).optional(),
});

/** What the file says, with its defaults. */
export type Spec = z.infer<typeof schema>;
