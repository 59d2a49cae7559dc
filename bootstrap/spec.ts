// The region file: its keys, what each must be, and the value they become. docs/bootstrap.md describes them for people.
import * as z from 'zod';
import { isNetwork } from '../lib/host/addresses.ts';
import { absolute, address, filePath, hostName, mapping, text, whole } from '../lib/yaml/fields.ts';
import { parameters, type ParameterName } from '../meta/parameters.ts';
import { types } from '../meta/types.ts';

const role = text(
  'a PostgreSQL role name: lower-case letters, digits and _, other than postgres and pg_…',
  (v) => /^[a-z_][a-z0-9_]{0,62}$/.test(v) && v !== 'postgres' && !v.startsWith('pg_'),
);
const database = text(
  'a database name: letters, digits, _ and -, other than postgres, template0 and template1',
  (v) =>
    /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(v) &&
    !['postgres', 'template0', 'template1', 'replication', 'all'].includes(v),
);
const password = mapping({ file: filePath });
const scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: 'a text or a number' })
  .transform(String)
  .refine((v) => !/[\n\r\0]/.test(v), { error: 'a single line of text' });

// What the agent is given is derived from the rest of the file, or would carry a secret into the configuration.
const derived: readonly ParameterName[] = [
  'pgctl', 'psql', 'pgdata', 'config', 'pgport', 'pgdba', 'rep_mode', 'synchronous_standbys', 'node_list', 'master_ip', 'repuser', 'primary_conninfo_opt',
  'tmpdir', 'monitor_user', 'monitor_password',
]; // prettier-ignore
const settable = Object.keys(parameters).filter((name) => !(derived as readonly string[]).includes(name));
const parameterName = z.string().refine((name) => settable.includes(name), {
  error: `a parameter that the file does not derive; these can be given: ${settable.join(', ')}`,
});

function ofTheirKind(given: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(given)) {
    const kind = types[parameters[name as ParameterName].type];
    if (kind.read(value) === undefined) context.addIssue({ code: 'custom', path: [name], message: kind.expects });
  }
}

// Options whose value would stand in the cluster's configuration, and those made from the rest of the file.
const reservedOption =
  /^(passwd|password|passwd_script|password_script|action|plug|port|pcmk_host_(map|list|check|argument))$/;
const optionName = z.string().refine((name) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !reservedOption.test(name), {
  error: 'an option of the fence agent; the password, the action and the machines are given by password and hosts',
});

const node = mapping({ name: hostName, address });
export const schema = mapping({
  region: text(
    'a name for the region: letters, digits, - and _, at most 15, other than "debian"',
    (v) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,14}$/.test(v) && v !== 'debian',
  ),
  nodes: z
    .array(node, { error: 'a list of two or three nodes, each { name, address }' })
    .refine((list) => list.length === 2 || list.length === 3, {
      error: 'two or three nodes: a primary and one standby or two',
    }),
  ssh: mapping({
    user: text('the name of a user', /^[a-z_][a-z0-9_.-]{0,31}$/).default('root'),
    port: whole(1, 65535).default(22),
    identity: filePath.optional(),
    known_hosts: filePath.optional(),
  }).prefault({}),
  vip: mapping({ address, prefix: whole(8, 30) }),
  fencing: mapping({
    agent: text('the name of a fence agent, as fence_vmware_soap', /^fence_[a-z0-9_]+$/),
    options: z.record(optionName, scalar, { error: 'a mapping of options of the fence agent' }).default({}),
    password,
    hosts: z.record(
      z.string(),
      text('the name of a machine in the fence device, without ; : = and blanks', /^[^\s;:=,'"\\]+$/),
      { error: 'a mapping: the name of each node to the name of its machine' },
    ), // prettier-ignore
    delay: whole(0, 120).default(5),
  }),
  postgres: mapping({
    version: whole(13, 18).optional(),
    data: absolute.optional(),
    port: whole(1024, 65535).default(5432),
    locale: text('the name of a locale, as C.UTF-8', /^[A-Za-z0-9_.@-]+$/).default('C.UTF-8'),
    replication: mapping({
      mode: z.enum(['async', 'sync'], { error: 'async or sync' }).default('async'),
      synchronous_standbys: whole(1, 2).optional(),
      user: role,
      password,
    }),
    database: mapping({ name: database, owner: role, password }),
    clients: z
      .array(text('a network as 10.1.2.0/24, without bits after the prefix', isNetwork), {
        error: 'a list of networks',
      })
      .refine((list) => list.length > 0, { error: 'at least one network of clients' }),
    parameters: z
      .record(parameterName, scalar, { error: 'a mapping of parameters of the agent' })
      .superRefine(ofTheirKind)
      .default({}),
  }),
});

/** What the region file says, with its defaults. */
export type Spec = z.infer<typeof schema>;
export type Node = Spec['nodes'][number];
