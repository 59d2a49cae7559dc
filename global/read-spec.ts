// Text of global.yaml -> what it says, or everything that is wrong with it, at once.
import { pathFrom, readPrivateFile } from '../lib/host/files.ts';
import type { Problem } from '../lib/yaml/read.ts';
import { parsedYaml, problemsOf } from '../lib/yaml/read.ts';
import { schema, type Spec } from './spec.ts';

/** Reads the text. */
export function readSpec(text: string): { spec: Spec } | { problems: readonly Problem[] } {
  const parsed = parsedYaml(text);
  if ('problems' in parsed) return parsed;
  const result = schema.safeParse(parsed.value);
  const problems = result.success
    ? betweenKeys(result.data)
    : result.error.issues.flatMap((issue) => problemsOf(issue, parsed.value));
  return result.success && problems.length === 0 ? { spec: result.data } : { problems: parsed.placed(problems) };
}

function betweenKeys({ first, second, archive, postgres, witnesses }: Spec): readonly Problem[] {
  const not = (path: string, given: string, other: string): Problem => ({ path, given: `"${given}"`, expected: `not ${other}` }); // prettier-ignore
  const inData = archive !== undefined && `${archive.write}/`.startsWith(`${postgres.data}/`);
  return [
    ...(first.host === second.host ? [not('second.host', second.host, 'the host of the first site')] : []),
    ...(first.address === second.address
      ? [not('second.address', second.address, 'the address of the first site')]
      : []),
    ...(witnesses?.hosts ?? []).flatMap((host, index, all) => {
      const path = `witnesses.hosts[${index}]`;
      if (host === first.address || host === second.address)
        return [not(path, host, 'a site: a witness tells which of the two is alone, so it stands apart from both')];
      return all.indexOf(host) === index ? [] : [not(path, host, 'a witness twice')];
    }),
    ...(inData ? [not('archive.write', archive.write, 'in the data directory, which a new copy replaces')] : []),
  ];
}

/** The secret that the file names; a relative path starts at `folder`. */
export function readSecret(
  { witnesses }: Spec,
  folder: string,
): { secret: string | undefined } | { problems: readonly Problem[] } {
  if (witnesses === undefined) return { secret: undefined };
  const { file } = witnesses.secret;
  const read = readPrivateFile(pathFrom(folder, file));
  const secret = 'text' in read ? read.text.trim() : '';
  if (secret.length >= 16) return { secret };
  const because = 'problem' in read ? read.problem : 'has fewer than 16 characters';
  const whole = 'a file with a secret of at least 16 characters, the same on the sites and the witnesses';
  const expected = ('expected' in read ? read.expected : undefined) ?? whole;
  return { problems: [{ path: 'witnesses.secret.file', given: `"${file}", which ${because}`, expected }] };
}
