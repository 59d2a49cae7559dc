// Whether the drills have left the region as it was: configuration, roles, files. Compared as lines.
import { quoted } from '../lib/host/shell.ts';
import { primaryOf, valueOf } from '../cli/region/view.ts';
import type { CibFacts } from './facts.ts';
import { script, type Places } from './places.ts';
import { shown } from './report/markup.ts';

/** What a drill may have touched on a node, one line each. */
function nodeText(pgdata: string, tmpdir: string): string {
  return `sha256sum ${quoted(pgdata)}/*.conf /etc/corosync/corosync.conf /etc/cfha/* /etc/hosts 2>/dev/null | sed 's/^/file /'
nft list ruleset 2>/dev/null | sed 's/^/nft /'
ip route show | sed 's/^/route /'
[ -e /var/lib/cfha/verify ] && echo 'left: /var/lib/cfha/verify'
[ -e ${quoted(tmpdir)}/PGSQL.lock ] && echo 'lock'
ls ${quoted(pgdata)}/pg_wal | grep -i cfha
true
`;
}

function cibLines({ view, postgres, properties, defaults, constraints, cloneMeta, primitives }: CibFacts): readonly string[] {
  const configured = Object.entries({ properties, defaults, cloneMeta, constraints, postgres, primitives }).map(([name, value]) => `${name} ${JSON.stringify(value, (key, of: unknown) => (typeof of === 'string' ? shown(key, of) : of))}`);
  const states = view.nodes.map((node) => `${node.name} ${node.role ?? 'stopped'} standby=${String(node.standby)} failures=${String(node.failures)} ${valueOf(view, node, 'dataStatus') ?? ''}`);
  return [...configured, `the primary is ${primaryOf(view)?.name ?? 'nowhere'}`, ...states];
} // prettier-ignore

/** Everything that is compared. The properties that Pacemaker itself keeps there are no part of it. */
export async function asItIs(places: Places, cib: CibFacts): Promise<readonly string[]> {
  const { pgdata = '', tmpdir = '' } = cib.postgres.attributes;
  const { 'last-lrm-refresh': _, ...properties } = cib.properties;
  const nodes = await Promise.all(
    places.names.map(async (name) => {
      const { stdout } = await script(places, name, { text: nodeText(pgdata, tmpdir), seconds: 30 });
      return stdout.split('\n').filter(Boolean).map((line) => `${name}: ${line}`);
    }),
  );
  return [...cibLines({ ...cib, properties }), ...nodes.flat()];
} // prettier-ignore

/** What is different now, either way. */
export function differencesOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const cut = (line: string) => (line.length > 300 ? `${line.slice(0, 300)}…` : line);
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `no more: ${cut(line)}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `new: ${cut(line)}`),
  ];
}
