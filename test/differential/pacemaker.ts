// What Pacemaker does around an agent: keeps the history of operations, works out roles, and says what it knows in the
// environment of the next call. Only as much as an agent can see. https://clusterlabs.org/projects/pacemaker/doc/
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHistory, type Entry } from './history.ts';
import { dataFolder, nodeFolder, online, resource, role, socketFolder, stateFolder, type Side } from './side.ts';

const roleByMonitor: Readonly<Record<number, string>> = { 0: 'Unpromoted', 7: 'Stopped', 8: 'Promoted', 9: 'Promoted' };

/** The role after an operation. A failed operation leaves the role that Pacemaker then has to recover from. */
function roleAfter(before: string, op: string, rc: number): string {
  if (op === 'monitor') return roleByMonitor[rc] ?? before;
  if (op === 'start') return 'Unpromoted';
  if (op === 'promote') return 'Promoted';
  if (op === 'demote') return rc === 0 ? 'Unpromoted' : before;
  return rc === 0 ? 'Stopped' : before;
}

const changing = new Set(['start', 'stop', 'promote', 'demote']);

/** Records an operation and its result in a node's history. */
export function record(side: Side, node: string, done: { op: string; interval: number; rc: number }): void {
  const history = side.histories.get(node);
  if (history === undefined || !(changing.has(done.op) || done.op === 'monitor')) return;
  history.calls += 1;
  const entry = { ...done, call: history.calls };
  if (changing.has(done.op)) history.recurring.clear();
  if (done.interval > 0) history.recurring.set(done.interval, entry);
  else history.last = entry;
  history.role = roleAfter(history.role, done.op, done.rc);
  writeHistory(side, node);
}

/** Forgets a node's history, as when it was fenced or has joined again. */
export function forget(side: Side, node: string): void {
  side.histories.set(node, emptyHistory());
  writeHistory(side, node);
}

function writeHistory(side: Side, node: string): void {
  const history = side.histories.get(node) ?? emptyHistory();
  const folder = stateFolder(side, node);
  const entries = [
    ...(history.last === undefined ? [] : [xml(`${resource}_last_0`, history.last, node)]),
    ...[...history.recurring.values()].map((e) => xml(`${resource}_monitor_${e.interval}`, e, node)),
  ];
  writeFileSync(join(folder, 'lrm.xml'), entries.join(''));
  writeFileSync(join(folder, 'role'), `${history.role}\n`);
}

function xml(id: string, e: Entry, node: string): string {
  const key = `${e.call}:3:0:1a1b1c1d-0000-4000-8000-000000000001`;
  const words = [
    `id="${id}" operation_key="${resource}_${e.op}_${e.interval}" operation="${e.op}"`,
    `crm-debug-origin="do_update_resource" crm_feature_set="3.16.2"`,
    `transition-key="${key}" transition-magic="0:${e.rc};${key}" exit-reason="" on_node="${node}"`,
    `call-id="${e.call}" rc-code="${e.rc}" op-status="0" interval="${e.interval}"`,
    `last-rc-change="1764000000" exec-time="700" queue-time="0" op-digest="f2317cad3d54cec5d7d7aa7d0bf35cf8"`,
  ];
  return `            <lrm_rsc_op ${words.join(' ')}/>\n`;
}

/** Pacemaker writes an empty list of nodes as one blank. */
const list = (names: readonly string[]): string => (names.length === 0 ? ' ' : names.join(' '));

export const nodesInRole = (side: Side, wanted: string): string[] =>
  side.nodes.filter((n) => online(side, n) && role(side, n) === wanted);

/** Notes who has which role, for the notifications of the transition that begins. */
export function beginTransition(side: Side): void {
  side.keys = { promoted: nodesInRole(side, 'Promoted'), unpromoted: nodesInRole(side, 'Unpromoted') };
}

/** What the actions of a promotable clone are told about the other instances. */
export function notifyEnvironment(
  side: Side,
  about: Readonly<Record<string, readonly string[]>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  const { promoted, unpromoted } = side.keys;
  const lists = { start: [], stop: [], promote: [], demote: [], ...about };
  for (const [key, names] of Object.entries(lists)) env[`OCF_RESKEY_CRM_meta_notify_${key}_uname`] = list(names);
  for (const key of ['promoted', 'master']) env[`OCF_RESKEY_CRM_meta_notify_${key}_uname`] = list(promoted);
  for (const key of ['unpromoted', 'slave']) env[`OCF_RESKEY_CRM_meta_notify_${key}_uname`] = list(unpromoted);
  env['OCF_RESKEY_CRM_meta_notify_active_uname'] = ' ';
  env['OCF_RESKEY_CRM_meta_notify_inactive_uname'] = ' ';
  env['OCF_RESKEY_CRM_meta_notify_available_uname'] = list(side.nodes);
  return env;
}

/** The environment of a call of the agent: the resource's parameters and meta attributes as Pacemaker passes them. */
export function environment(side: Side, node: string, given: Readonly<Record<string, string>>): Record<string, string> {
  const parameters: Record<string, string> = {
    pgctl: `${side.rig.programs}/pg_ctl`,
    psql: `${side.rig.programs}/psql`,
    pgdata: dataFolder(side, node),
    socketdir: socketFolder(side, node),
    tmpdir: join(nodeFolder(side, node), 'tmp'),
    logfile: join(nodeFolder(side, node), 'pg.log'),
    ...side.parameters,
  };
  const env: Record<string, string> = {
    PATH: `${nodeFolder(side, node)}/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HA_SBIN_DIR: `${nodeFolder(side, node)}/sbin`,
    LC_ALL: 'C',
    HA_debug: '0',
    OCF_ROOT: '/usr/lib/ocf',
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_RESOURCE_INSTANCE: resource,
    OCF_RESOURCE_TYPE: side.agent === 'upstream' ? 'pgsql' : 'cfpgsql',
    OCF_RESOURCE_PROVIDER: side.agent === 'upstream' ? 'heartbeat' : 'custom',
    OCF_RESKEY_crm_feature_set: '3.16.2',
    OCF_RESKEY_CRM_meta_on_node: node,
    OCF_RESKEY_CRM_meta_timeout: '60000',
    ...(side.agent === 'upstream' ? { OCF_FUNCTIONS_DIR: side.rig.functions } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) {
    env[`OCF_RESKEY_${name}`] = value.replaceAll('@side', side.root).replaceAll('@node', nodeFolder(side, node));
  }
  return { ...env, ...given };
}

const replicated = new Set(['async', 'sync']);

/** The meta attributes of a promotable clone, or of a plain resource, according to rep_mode. */
export function metaAttributes(side: Side, action: string, interval: number): Record<string, string> {
  const meta = {
    OCF_RESKEY_CRM_meta_name: action,
    ...(action === 'monitor' ? { OCF_RESKEY_CRM_meta_interval: String(interval) } : {}),
  };
  if (!replicated.has(side.parameters['rep_mode'] ?? '')) return meta;
  return {
    ...meta,
    OCF_RESKEY_CRM_meta_promotable: 'true',
    OCF_RESKEY_CRM_meta_promoted_max: '1',
    OCF_RESKEY_CRM_meta_master_max: '1',
    OCF_RESKEY_CRM_meta_clone: '0',
    OCF_RESKEY_CRM_meta_clone_max: String(side.nodes.length),
    OCF_RESKEY_CRM_meta_clone_node_max: '1',
    OCF_RESKEY_CRM_meta_notify: 'true',
  };
}
