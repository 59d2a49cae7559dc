// The stage on which the agent is rehearsed in the build (cli/entry.ts): a data directory whose postmaster we are, a server
// that gives two answers, a cibadmin that prints a CIB. There the monitors of a primary and of its standby find all well.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export type Stage = {
  readonly env: Readonly<Record<string, string>>;
  /** What the cluster answers. */
  readonly cib: string;
  readonly end: () => void;
};

type Row = Readonly<Record<string, string | boolean | number | null>>;

/** What the server answers to lib/postgres/queries.ts, in the order in which it is asked. */
const answers: readonly Row[] = [
  {
    ...{ in_recovery: false, written: '0/3000060', received: null, replayed: null, wal_receiver: false },
    ...{ senders: '[["standby", "STREAMING", "ASYNC", "0/3000060"]]' },
    ...{
      slots: '[]',
      lost_slots: '[]',
      stray_slots: '[]',
      sync_names: '',
      timeline: 1,
      system_identifier: '7',
      checkpointer_idle: false,
    },
  },
  {
    ...{ in_recovery: true, written: null, received: '0/3000060', replayed: '0/3000060', wal_receiver: true },
    ...{ senders: '[]' },
    ...{
      slots: '[]',
      lost_slots: '[]',
      stray_slots: '[]',
      sync_names: '',
      timeline: 1,
      system_identifier: '7',
      checkpointer_idle: false,
    },
  },
];

type Node = { readonly forever: Readonly<Record<string, string>>; readonly reboot: Readonly<Record<string, string>> };

const nodes: Readonly<Record<string, Node>> = {
  primary: {
    forever: { 'pgsql-data-status': 'LATEST', 'pgsql-timeline': '00000001-7' },
    reboot: { 'pgsql-status': 'PRI', 'master-pgsql': '1000', 'pgsql-master-baseline': '0000000003000000' },
  },
  standby: {
    forever: { 'pgsql-data-status': 'STREAMING|ASYNC' },
    reboot: { 'pgsql-status': 'HS:async', 'master-pgsql': '100' },
  },
};

function cib(): string {
  const pairs = (values: Readonly<Record<string, string>>) =>
    `<instance_attributes>${Object.entries(values)
      .map(([name, value]) => `<nvpair name="${name}" value="${value}"/>`)
      .join('')}</instance_attributes>`;
  const entries = Object.entries(nodes);
  const configured = entries.map(([name, { forever }]) => `<node uname="${name}">${pairs(forever)}</node>`);
  const states = entries.map(
    ([name, { reboot }]) =>
      `<node_state uname="${name}" in_ccm="true" crmd="online" join="member" expected="member">
<transient_attributes>${pairs(reboot)}</transient_attributes>
<lrm><lrm_resources><lrm_resource id="pgsql">${operations(name)}</lrm_resource></lrm_resources></lrm></node_state>`,
  );
  return `<cib have-quorum="1"><configuration><crm_config/><nodes>${configured.join('')}</nodes></configuration>
<status>${states.join('')}</status></cib>\n`;
}

function operations(node: string): string {
  const done = node === 'primary' ? ['start', 'promote'] : ['start'];
  return done.map((name, n) => `<lrm_rsc_op operation="${name}" call-id="${n + 1}" rc-code="0"/>`).join('');
}

const typeOf = { string: 25, boolean: 16, number: 23, object: 25 } as const; // text, bool, int4

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => Buffer.concat([int16((value >> 16) & 0xffff), int16(value & 0xffff)]);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const ready = message('Z', Buffer.from('I'));
const welcome = [
  message('R', int32(0)),
  message('S', text('client_encoding'), text('UTF8')),
  message('K', int32(1), int32(1)),
  ready,
];

function answered(row: Row): readonly Buffer[] {
  const entries = Object.entries(row);
  const columns = entries.map(([name, value]) =>
    Buffer.concat([
      text(name),
      int32(0),
      int16(0),
      int32(typeOf[typeof value as keyof typeof typeOf]),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const values = entries.map(([, value]) => {
    if (value === null) return int32(-1);
    const shown = Buffer.from(typeof value === 'boolean' ? (value ? 't' : 'f') : `${value}`);
    return Buffer.concat([int32(shown.length), shown]);
  });
  return [
    message('T', int16(columns.length), ...columns),
    message('D', int16(values.length), ...values),
    message('C', text('SELECT 1')),
    ready,
  ];
}

/** Each message of the client is small and comes in one piece: the start, the query, the goodbye. */
function serve(socket: Socket, row: Row): void {
  socket.once('data', () => {
    socket.write(Buffer.concat(welcome));
    socket.on('data', (data) => {
      if (data[0] === 'Q'.charCodeAt(0)) socket.write(Buffer.concat(answered(row)));
      else socket.end();
    });
  });
}

/** Sets the stage in a folder; it is the working directory until the end, as a postmaster's is its data directory. */
export async function setStage(folder: string): Promise<Stage> {
  const sockets = mkdtempSync(join(tmpdir(), 'cfpgsql-')); // a socket's path must be short
  const waiting = [...answers];
  const server = createServer((socket) => serve(socket, waiting.shift() ?? {}));
  await new Promise<void>((resolve) => server.listen(join(sockets, '.s.PGSQL.5432'), resolve));
  const before = process.cwd();
  process.chdir(folder);
  writeFileSync('postmaster.pid', [process.pid, folder, 1, 5432, sockets, '', 1, 'ready', ''].join('\n'));
  writeFileSync('postgresql.conf', '');
  writeFileSync('PG_VERSION', '15\n');
  writeFileSync('cib.xml', cib());
  writeFileSync('cibadmin', `#!/bin/sh\ncat '${folder}/cib.xml'\n`, { mode: 0o755 });
  return {
    env: environment(folder),
    cib: cib(),
    end: () => {
      process.chdir(before);
      server.close();
      rmSync(sockets, { recursive: true });
    },
  };
}

function environment(folder: string): Record<string, string> {
  const parameters = {
    ...{ pgdata: folder, pgdba: userInfo().username, pgctl: process.execPath, psql: process.execPath, tmpdir: folder },
    ...{ rep_mode: 'async', node_list: Object.keys(nodes).join(' '), master_ip: '192.0.2.1' },
    ...{ CRM_meta_interval: '1000', CRM_meta_timeout: '60000', CRM_meta_promotable: 'true', CRM_meta_master_max: '1' },
  };
  const given = Object.entries(parameters).map(([name, value]) => [`OCF_RESKEY_${name}`, value]);
  const own = { PATH: '/usr/bin:/bin', HA_SBIN_DIR: folder, OCF_RESOURCE_INSTANCE: 'pgsql:0' };
  return { ...own, ...(Object.fromEntries(given) as Record<string, string>) };
}
