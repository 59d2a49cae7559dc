// The machine's own apt sources, as a sources file for a Debian suite.

type Source = Readonly<{ uris: string; suites: readonly string[]; components: readonly string[]; signedBy?: string }>;

/** Reads sources in the one-line style. */
function readOneLine(text: string): readonly Source[] {
  const lines = text.split('\n').map((line) => /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim()));
  return lines.flatMap((m) => {
    if (!m) return [];
    const signedBy = /signed-by=(\S+)/.exec(m[1] ?? '')?.[1];
    return [{ uris: m[2] ?? '', suites: [m[3] ?? ''], components: words(m[4]), ...(signedBy && { signedBy }) }];
  });
}

/** Reads sources in the deb822 style. */
function readStanzas(text: string): readonly Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim();
    if (!words(field('Types')).includes('deb') || field('Enabled') === 'no') return [];
    const signedBy = field('Signed-By');
    return [
      {
        uris: field('URIs') ?? '',
        suites: words(field('Suites')),
        components: words(field('Components')),
        ...(signedBy && { signedBy }),
      },
    ];
  });
}

function words(text = ''): readonly string[] {
  return text.split(/\s+/).filter(Boolean);
}

export type SourcesFile = Readonly<{ path: string; text: string }>;

/** `own`: the machine's suite; `pockets`: the endings of the suites to keep, as -security. */
export type Wanted = Readonly<{ suite: string; own: string; pockets: readonly string[] }>;

/** Debian's own sources among the files, those of the machine's suite turned into those of the wanted one. */
export function sourcesFor({ suite: wanted, own, pockets }: Wanted, files: readonly SourcesFile[]): string {
  const all = files.flatMap(({ path, text }) => (path.endsWith('.sources') ? readStanzas(text) : readOneLine(text)));
  const stanzas = all.flatMap(({ uris, suites, components, signedBy }) => {
    const kept = suites.filter((suite) => pockets.some((pocket) => suite === own + pocket));
    if (kept.length === 0 || !components.includes('main')) return [];
    const lines = [
      'Types: deb',
      `URIs: ${uris}`,
      `Suites: ${kept.map((suite) => suite.replace(own, wanted)).join(' ')}`,
      'Components: main',
    ];
    return [[...lines, ...(signedBy ? [`Signed-By: ${signedBy}`] : [])].join('\n')];
  });
  return stanzas.map((stanza) => `${stanza}\n`).join('\n');
}
