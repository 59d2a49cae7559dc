// Text of a region file -> what it says, or everything that is wrong with it, at once.
import { parsedYaml, problemsOf, type Problem } from '../lib/yaml/read.ts';
import { crossChecks } from './cross-checks.ts';
import { secretsHere, type SecretsHere } from '../lib/host/secrets-here.ts';
import { readNamed, type Passwords } from './read-secrets.ts';
import { schema, type Spec } from './spec.ts';

/** Reads the text of a region file and the files it names; relative paths start at `folder`. */
export function readSpec(
  text: string,
  folder: string,
  here: SecretsHere = secretsHere,
): { spec: Spec; passwords: Passwords } | { problems: Problem[] } {
  const parsed = parsedYaml(text);
  if ('problems' in parsed) return parsed;
  const result = schema.safeParse(parsed.value);
  const named = readNamed(parsed.value, folder, here);
  // What is wrong between keys is looked for even if a key is wrong by itself: all problems at once.
  const problems = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => problemsOf(issue, parsed.value))),
    ...crossChecks(parsed.value),
    ...named.problems,
  ];
  if (!result.success || problems.length > 0) return { problems: parsed.placed(problems) };
  const passwords = named.passwords();
  return 'problem' in passwords ? { problems: parsed.placed([passwords.problem]) } : { spec: result.data, passwords };
}
