// What the look's script printed -> facts of one host.
import { UnreadableAnswer, type Result } from '../lib/host/exec.ts';
import { readCluster } from '../lib/pacemaker/cib.ts';
import { readConfiguration } from '../lib/pacemaker/configuration.ts';
import { readCorosyncConf } from '../lib/pacemaker/corosync-conf.ts';
import { decoded, readAnswer, type Answer } from './answer.ts';
import type {
  DataFacts,
  FileFacts,
  FolderFacts,
  HostFacts,
  LabelFacts,
  ServerFacts,
  StorageFacts,
  UnitFacts,
} from './facts.ts';

/** Reads the facts of a host, with what to tell the next look about its executable. */
export async function readFacts(result: Result, resource: string): Promise<{ host: HostFacts; known: string }> {
  const answer = readAnswer(result);
  const corosync = decoded(answer.one('corosync'));
  const host: HostFacts = {
    files: Object.fromEntries(answer.all('file').map(file)),
    names: Object.fromEntries(
      answer
        .all('name')
        .map((line) => words(line))
        .map(([name = '', ...all]) => [name, all]),
    ),
    addresses: answer.all('address'),
    units: Object.fromEntries(answer.all('unit').map(unit)),
    corosync: corosync === undefined ? undefined : readCorosyncConf(corosync),
    authenticated: answer.all('authenticated').filter((name) => name !== 'known_hosts'),
    data: data(answer.one('data') ?? ''),
    server: server(answer),
    pending: pending(answer),
    firewall: answer.one('firewall') === 'yes',
    ...provisions(answer),
    ...labels(answer),
    vipAnswers: answer.one('vip') === 'answers',
    archive: mark(decoded(answer.one('archive'))),
    runs: answer.all('runs'),
    cluster: await cluster(decoded(answer.one('cib')), resource),
  };
  return { host, known: answer.one('known') ?? '' };
}

/** What is asked about only if the file wants something prepared. */
function provisions(answer: Answer): Pick<HostFacts, 'folders' | 'storage' | 'routes'> {
  const of = (key: string) => answer.all(key).map(words);
  const [state, ...is] = words(answer.one('storage') ?? '');
  const routes = of('route').map(([to = '', via = '']) => ({ to, via }));
  const value = (key: string, at: string) => of(key).find(([place]) => place === at)?.[1];
  const folders = of('folder').map(([at = '', owner = '', mode = '']): [string, FolderFacts] => {
    const [from, fstab] = [value('mount', at), value('fstab', at)];
    return [
      at,
      { ...(from === undefined ? {} : { from }), ...(fstab === undefined ? {} : { fstab }), owner, mode: octal(mode) },
    ];
  });
  return {
    ...(folders.length === 0 ? {} : { folders: Object.fromEntries(folders) }),
    ...(isStorage(state) ? { storage: { state, mounted: state === 'made' && is.length > 0, is: is.join(' ') } } : {}),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

function labels(answer: Answer): Pick<HostFacts, 'labels'> {
  const all = answer.all('label').map(words);
  if (all.length === 0) return {};
  const of = all.map(([folder = '', wanted = '', is]): [string, LabelFacts] => [folder, { wanted, ...(is === undefined ? {} : { is }) }]);
  return { labels: Object.fromEntries(of) };
} // prettier-ignore

function isStorage(text: string | undefined): text is StorageFacts['state'] {
  return text !== undefined && ['absent', 'blank', 'made', 'foreign'].includes(text);
}

const octal = (mode: string): string => mode.padStart(4, '0').slice(-4);

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function file(line: string): [string, FileFacts] {
  const [sha256 = '', mode = '', owner = '', ...path] = line.split(' ');
  return [path.join(' '), { sha256, mode: octal(mode), owner }];
}

// systemd prints the properties in an order of its own, not in ours.
function unit(line: string): [string, UnitFacts] {
  const all = words(`unit ${line}`);
  const after = (word: string) => all[all.indexOf(word) + 1] ?? '';
  return [after('unit'), { active: after('active') === 'active', enabled: after('enabled') === 'enabled' }];
}

function data(line: string): DataFacts {
  const [state = '', version = '', systemId = '', ...region] = line.split(' ');
  switch (state) {
    case 'absent':
    case 'empty':
    case 'mount':
      return { state };
    case 'foreign':
      return { state, version: Number(version), was: [systemId, ...region].join(' ') };
    case 'ours':
      return { state, version: Number(version), systemId, region: region.join(' ') };
    default:
      throw new UnreadableAnswer(`nothing about the data directory: "${line}"`);
  }
}

function pending(answer: Answer): readonly string[] {
  const json = decoded(answer.one('server'));
  return json === undefined ? [] : ((JSON.parse(json) as { pending?: string[] | null }).pending ?? []);
}

function server(answer: Answer): ServerFacts {
  const base64 = answer.one('server');
  if (base64 === undefined) return { state: 'stopped' };
  const json = decoded(base64);
  if (json === undefined) return { state: 'unanswering' };
  const said = JSON.parse(json) as {
    standby: boolean;
    roles: Record<string, string> | null;
    databases: Record<string, string> | null;
  };
  if (said.standby) return { state: 'standby' };
  return { state: 'primary', roles: said.roles ?? {}, databases: said.databases ?? {} };
}

function mark(json: string | undefined): HostFacts['archive'] {
  const [, systemId, id] = /^\{"systemId":"(\d+)","id":"(\w+)"\}\n$/.exec(json ?? '') ?? [];
  return systemId === undefined || id === undefined ? undefined : { systemId, id };
}

// Pacemaker may be starting or stopping just now: then it says nothing yet.
async function cluster(xml: string | undefined, resource: string): Promise<HostFacts['cluster']> {
  if (xml === undefined) return undefined;
  const status = readCluster({ code: 0, stdout: xml, stderr: '' }, resource);
  return { status, configuration: await readConfiguration(xml) };
}
