// What is wrong with the place of the data: somebody's files, no room, the wrong kind of file system.
import type { Context } from '../context.ts';
import type { DataFacts, Facts, HostFacts } from '../facts.ts';
import type { Layout } from '../layout.ts';
import type { Room } from '../probe.ts';
import type { Report } from '../reports.ts';
import { bytesOf, sizeText, type Spec } from '../spec.ts';

type Marked = Extract<DataFacts, { state: 'ours' }>;

/** Whose the files in the data directory are. */
export function dataFindings(
  context: Context,
  host: string,
  { found: { data }, inUse, facts }: { found: HostFacts; inUse: boolean; facts: Facts },
): Report[] {
  const { layout } = context;
  const path = { host, data: layout.data };
  const others = othersThan(host, facts);
  switch (data.state) {
    case 'foreign':
      return foreign(context, host, data);
    case 'mount':
      return [{ code: 'DATA_IS_MOUNT', ...path }];
    case 'absent':
    case 'empty':
      return mayBeMade(layout, host, { inUse, others }) ? [] : [{ code: 'DATA_MISSING', ...path }];
    case 'ours': {
      const found = ofOther(
        context,
        data,
        host === layout.first.name ? undefined : facts.hosts[layout.first.name]?.data,
      );
      return found === undefined ? [] : [{ code: 'DATA_OF_OTHER', ...path, found }];
    }
  }
}

/** Somebody's data, unless the file says that they are brought along. */
function foreign({ spec, layout }: Context, host: string, found: Extract<DataFacts, { state: 'foreign' }>): Report[] {
  const path = { host, data: layout.data };
  if (spec.postgres.source?.in_place !== true || host !== layout.first.name) return [{ code: 'FOREIGN_DATA', ...path }];
  const unusable = (because: string): Report[] => [{ code: 'SOURCE_UNUSABLE', host, what: layout.data, because }];
  if (found.version !== layout.version) return unusable(`it is of PostgreSQL ${String(found.version)}`);
  return found.was === 'shut down' ? [] : unusable(`its server is not shut down, but "${found.was ?? ''}"`);
}

function othersThan(host: string, facts: Facts): readonly DataFacts[] {
  return Object.entries(facts.hosts).flatMap(([name, { data }]) => (name === host ? [] : [data]));
}

/** The copies are taken from the first node: it may not be without what another has. */
function mayBeMade(layout: Layout, host: string, at: { inUse: boolean; others: readonly DataFacts[] }): boolean {
  return !at.inUse && !(host === layout.first.name && at.others.some(({ state }) => state === 'ours'));
}

/** What an instance with a region's mark is, if not the one that this region's node shall have. */
function ofOther({ spec, layout }: Context, data: Marked, first: DataFacts | undefined): string | undefined {
  if (data.region !== spec.region) return `region "${data.region}"`;
  if (data.version !== layout.version) return `PostgreSQL ${String(data.version)}`;
  const copied = first?.state !== 'ours' || first.systemId === data.systemId;
  return copied ? undefined : `another database system than that of ${layout.first.name}`;
}

/** Less than this is too little for a new instance and the WAL that it may keep. */
const least = 2 * 2 ** 30;

/** Whether there is room for the data where they are to be. */
export function roomFindings({ postgres }: Spec, host: string, { free, kind, readOnly, at }: Room): Report[] {
  const wanted = postgres.space === undefined ? least : bytesOf(postgres.space);
  return [
    ...(readOnly ? [{ code: 'DATA_READ_ONLY', host, at } as const] : []),
    ...(kind === 'tmpfs' || kind === 'ramfs' ? [{ code: 'DATA_IN_MEMORY', host, at } as const] : []),
    ...(/^(nfs|cifs|smb|fuse\.sshfs)/.test(kind) ? [{ code: 'DATA_ON_NETWORK', host, at, kind } as const] : []),
    ...(free < wanted
      ? [{ code: 'SPACE_SHORT', host, at, free: sizeText(free), wanted: sizeText(wanted) } as const]
      : []),
  ];
}
