// What an administrator sees: the text of crm_mon, read. Deliberately not the reader that the agent uses.

export type Seen = Readonly<{
  text: string;
  online: readonly string[];
  promoted: readonly string[];
  /** node → attribute → value */
  attributes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  failures: readonly string[];
}>;

function namesAfter(text: string, label: RegExp): readonly string[] {
  return [...text.matchAll(new RegExp(`\\* (?:${label.source}): \\[ ([^\\]]*) \\]`, 'g'))].flatMap(([, names = '']) =>
    names.split(' ').filter(Boolean),
  );
}

/** While an operation on it goes on, an instance has a line of its own: `Promoted db2 (Monitoring)`. */
function promotedAtWork(text: string): readonly string[] {
  return [...text.matchAll(/\(ocf:[^)]*\):\s+(?:Promoted|Master) (\S+)/g)].map(([, node = '']) => node);
}

function section(text: string, title: string): string {
  const [, rest = ''] = text.split(`${title}:\n`);
  return rest.split('\n\n')[0] ?? '';
}

function attributesOf(text: string): Seen['attributes'] {
  const found: Record<string, Record<string, string>> = {};
  let node = '';
  for (const line of section(text, 'Node Attributes').split('\n')) {
    node = /^ {2}\* Node: (?<name>[^\s:]+)/.exec(line)?.[1] ?? node;
    const [, name, value] = /^ {4}\* (\S+)\s+: (.*\S)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) (found[node] ??= {})[name] = value;
  }
  return found;
}

/** Reads `crm_mon -Afr -1`. */
export function readCrmMon(text: string): Seen {
  return {
    text,
    online: namesAfter(section(text, 'Node List'), /Online/),
    promoted: [...namesAfter(text, /Promoted|Masters/), ...promotedAtWork(text)],
    attributes: attributesOf(text),
    failures: section(text, 'Failed Resource Actions').split('\n').filter(Boolean),
  };
}

const resource = 'postgresql';

/** The only primary there is. */
export function primaryOf(seen: Seen): string | undefined {
  const claims = Object.entries(seen.attributes).filter(([, of]) => of[`${resource}-status`] === 'PRI');
  const [promoted, ...more] = seen.promoted;
  return more.length === 0 && claims.length === 1 && claims[0]?.[0] === promoted ? promoted : undefined;
}

type Wanted = readonly [node: string, name: string, value: RegExp];

/** Of several standbys none is preferred while a primary is there, unless commits wait for it alone: an election chooses. */
function wantedOfStandby(standby: string, nodes: number): readonly Wanted[] {
  return [
    [standby, `master-${resource}`, nodes === 2 ? /^100$/ : /^(100|-INFINITY)$/],
    [standby, `${resource}-data-status`, /^STREAMING\|(A?SYNC|QUORUM)$/],
    [standby, `${resource}-status`, /^HS:a?sync$/],
  ];
}

/** What is not as in a healthy region of so many nodes; nothing if it is healthy. */
export function unhealthy(seen: Seen, nodes = 2): readonly string[] {
  const primary = primaryOf(seen);
  if (seen.online.length !== nodes) return [`online: ${seen.online.join(' ')}`];
  if (primary === undefined) return ['there is not one primary'];
  const wanted: readonly Wanted[] = [
    [primary, `master-${resource}`, /^1000$/],
    [primary, `${resource}-data-status`, /^LATEST$/],
    [primary, `${resource}-master-baseline`, /^[0-9A-F]{16}$/],
    [primary, `${resource}-status`, /^PRI$/],
    ...seen.online.filter((node) => node !== primary).flatMap((standby) => wantedOfStandby(standby, nodes)),
  ];
  return [
    ...wanted.flatMap(([node, name, value]) => {
      const found = seen.attributes[node]?.[name] ?? 'not there';
      return value.test(found) ? [] : [`${node}: ${name} is ${found}`];
    }),
    ...seen.failures.map((line) => `failed: ${line.trim()}`),
  ];
}
