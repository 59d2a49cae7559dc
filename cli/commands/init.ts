// cfha init, cfha schema: a region file to begin with, and its JSON Schema.
import { writeFileSync } from 'node:fs';
import { fileOf, questions, wrongAnswers, type Answers } from '../../bootstrap/init/answers.ts';
import { commentedFile } from '../../bootstrap/init/commented.ts';
import { fromCluster, type Running } from '../../bootstrap/init/from-cluster.ts';
import { schemaText } from '../../bootstrap/spec/json-schema.ts';
import { readSmallFile } from '../../lib/host/files.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import type { Exec } from '../../lib/host/exec.ts';
import { queryCibArgv } from '../../lib/pacemaker/cib.ts';
import { readConfiguration } from '../../lib/pacemaker/configuration.ts';
import { readCorosyncConf } from '../../lib/pacemaker/corosync-conf.ts';
import { ownerVariable } from '../../lib/postgres/session-settings.ts';

type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };
export type Terminal = Output & {
  /** Asks for a line; undefined without a terminal. */
  readonly line: ((text: string) => Promise<string>) | undefined;
};
type Given = Readonly<Record<keyof Answers, string | undefined>>;
export type Options = {
  readonly answers: Given;
  readonly fromCluster: boolean;
  readonly output: string | undefined;
};

export function schemaCommand({ out }: Output): number {
  out(schemaText());
  return 0;
}

/** Exit code 0: written; 1: the cluster does not answer; 2: an answer is missing or wrong, or the file is there already. */
export async function initCommand(options: Options, terminal: Terminal): Promise<number> {
  if (options.fromCluster) return fromRunning(options, terminal);
  const answers = await answered(options.answers, terminal.line);
  const missing = Object.entries(questions).filter(([name]) => answers[name as keyof Answers] === '');
  if (missing.length > 0) {
    const flags = missing.map(([, { flag, example }]) => `  --${flag} '${example}'\n`);
    terminal.err(`cfha: these are missing, and there is no terminal to ask at:\n${flags.join('')}`);
    return 2;
  }
  const file = fileOf(answers);
  const wrong = wrongAnswers(file);
  for (const what of wrong) terminal.err(`cfha: ${what}\n`);
  if (wrong.length > 0) return 2;
  return written(commentedFile(file, ['Put each password into the file named, alone on one line, mode 0600.']), options, terminal); // prettier-ignore
}

async function answered(given: Given, line: Terminal['line']): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const [name, question] of Object.entries(questions)) {
    const usual = 'usual' in question ? question.usual : '';
    const flag = given[name as keyof Answers];
    const asked = flag ?? (await line?.(`${question.asks} (${usual === '' ? `as ${question.example}` : usual}): `));
    answers[name] = asked?.trim() ? asked.trim() : usual;
  }
  return answers as Answers;
}

async function fromRunning(options: Options, terminal: Terminal): Promise<number> {
  const running = await readRunning(spawnExec());
  if ('problem' in running) {
    terminal.err(`cfha: ${running.problem}\n`);
    return 1;
  }
  const made = fromCluster(running);
  if ('problem' in made) {
    terminal.err(`cfha: ${made.problem}\n`);
    return 2;
  }
  return written(commentedFile(made.file as Record<string, unknown>, made.notes), options, terminal);
}

// The databases, the largest first, and from where somebody may connect: pg_hba_file_rules has netmasks, a region file prefixes.
const question = `SELECT json_build_object(
  'databases', (SELECT json_agg(json_build_object('name', datname, 'owner', pg_get_userbyid(datdba)) ORDER BY pg_database_size(oid) DESC)
                FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'),
  'networks', (SELECT json_agg(DISTINCT network(set_masklen(address::inet, prefix))::text)
               FROM pg_hba_file_rules, generate_series(0, 32) prefix
               WHERE type LIKE 'host%' AND netmask(set_masklen('0.0.0.0'::inet, prefix))::text = netmask || '/32'
                 AND auth_method <> 'reject' AND NOT 'replication' = ANY (database) AND address NOT LIKE '127.%'))`;

async function readRunning(exec: Exec): Promise<Running | { problem: string }> {
  const conf = readSmallFile('/etc/corosync/corosync.conf');
  if ('problem' in conf)
    return { problem: `/etc/corosync/corosync.conf ${conf.problem}: run it on a node of the cluster` };
  const cib = await exec({ argv: queryCibArgv, timeoutMs: 20_000 });
  if (cib.code !== 0) return { problem: 'the cluster does not answer on this node (systemctl status pacemaker)' };
  const psql = [
    'runuser',
    '-u',
    'postgres',
    '--',
    'env',
    ownerVariable(),
    'psql',
    '-XAtq',
    '-d',
    'postgres',
    '-c',
    question,
  ] as const;
  const answer = await exec({ argv: psql, timeoutMs: 20_000 });
  return {
    corosync: readCorosyncConf(conf.text),
    configuration: await readConfiguration(cib.stdout),
    server: answer.code === 0 ? server(answer.stdout) : undefined,
  };
}

function server(json: string): Running['server'] {
  const said = JSON.parse(json) as {
    databases: { name: string; owner: string }[] | null;
    networks: string[] | null;
  };
  return { databases: said.databases ?? [], networks: said.networks ?? [] };
}

/** Never over a file that is there: somebody may have worked on it. */
function written(text: string, { output }: Options, { out, err }: Output): number {
  if (output === undefined) {
    out(text);
    return 0;
  }
  try {
    writeFileSync(output, text, { flag: 'wx' });
  } catch (error) {
    err(`cfha: ${output} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  out(`${output} is written. Next: put the passwords into their files, then cfha bootstrap ${output} --plan\n`);
  return 0;
}
