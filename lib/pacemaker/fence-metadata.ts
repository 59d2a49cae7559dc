// The metadata of a fence agent (`AGENT -o metadata`): its options and actions. https://github.com/ClusterLabs/fence-agents/blob/main/doc/FenceAgentAPI.md

export type FenceOption = {
  readonly name: string;
  readonly required: boolean;
  /** A former name of another option, which metadata keep for a while. */
  readonly deprecated: boolean;
  /** The former name of this option. */
  readonly obsoletes: string | undefined;
  /** `string`, `boolean`, `integer`, `second`, `select`. */
  readonly type: string;
  /** What may be given, of a `select`. */
  readonly choices: readonly string[];
};

export type FenceMetadata = { readonly options: readonly FenceOption[]; readonly actions: readonly string[] };

const parameter = /<parameter\s([^>]*)>([^]*?)<\/parameter>/g;

/** Reads them. What is no metadata has no options. */
export function readFenceMetadata(xml: string): FenceMetadata {
  const options = [...xml.matchAll(parameter)].map(([, given = '', inner = '']): FenceOption => {
    const attribute = attributesOf(given);
    return {
      name: attribute['name'] ?? '',
      required: attribute['required'] === '1',
      deprecated: attribute['deprecated'] === '1',
      obsoletes: attribute['obsoletes'],
      type: attributesOf(/<content\s([^>]*)>/.exec(inner)?.[1] ?? '')['type'] ?? 'string',
      choices: [...inner.matchAll(/<option\s([^>]*)>/g)].flatMap(([, one = '']) => attributesOf(one)['value'] ?? []),
    };
  });
  const actions = [...xml.matchAll(/<action\s([^>]*)>/g)].flatMap(([, one = '']) => attributesOf(one)['name'] ?? []);
  return { options: options.filter(({ name }) => name !== ''), actions };
}

function attributesOf(text: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

const kinds: Readonly<Record<string, RegExp>> = {
  integer: /^-?\d+$/,
  second: /^\d+$/,
  boolean: /^(0|1|true|false|yes|no|on|off)$/i,
};

/** What a value of the option must be, if this one is wrong. */
export function expectedOf({ type, choices }: FenceOption, value: string): string | undefined {
  if (type === 'select' && choices.length > 0)
    return choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  return kinds[type]?.test(value) === false ? `of type ${type}` : undefined;
}
