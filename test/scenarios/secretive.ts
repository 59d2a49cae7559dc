// Every option of the region file that takes a password, in every way that it can be given: where do they turn up?
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copier, someonesServer } from './bringing.ts';
import type { Scenario } from './scenario.ts';
import { exposed, placesWith, secretsOf, watchCommandLines } from './secrets.ts';
import { untilHealthy, type Stage } from './stage.ts';
import { expect, waitUntil } from './waiting.ts';
import { withTwoDevices } from './wide.ts';

/** One from the environment, one from the terminal, the others from files. */
function secretive(text: string): string {
  return withTwoDevices(text)
    .replace(/owner: cloudforms, password: \{[^}]*\}/, 'owner: cloudforms, password: { prompt: true }')
    .replace(
      'postgres:\n',
      'postgres:\n  source: { clone: { address: 10.77.0.11, port: 5440, user: copier, password: { env: COPIER } } }\n',
    );
}

// A terminal of its own, and the variable without a command line that has it.
const atTerminal = 'read -r COPIER; export COPIER; exec script -qefc "$1" /dev/null';

type Typed = Readonly<{ code: number; text: string }>;

/** Runs bootstrap at a terminal, and types the owner's password when it is asked for. */
async function typed(stage: Stage, path: string, more = ''): Promise<Typed> {
  const argv = ['sh', '-c', atTerminal, 'run', `${stage.cfha} bootstrap ${path} ${more}`];
  const child = stage.testbed.start('admin', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += more));
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  child.stdin?.write(`${copier}\n`);
  await waitUntil('it asks', () => Promise.resolve(text.includes('postgres.database.password: ')), 30);
  child.stdin?.write(`${stage.region.passwords.cloudforms.secret}\n`);
  return { code: await ended, text };
}

/** A password that the vCenter does not take is not told either. */
async function refusesWrong(stage: Stage): Promise<void> {
  const wrong = randomBytes(18).toString('base64url');
  writeFileSync(join(stage.region.folder, 'wrong.password'), `${wrong}\n`, { mode: 0o600 });
  const path = join(stage.region.folder, 'wrong.yaml');
  writeFileSync(path, stage.region.text.replace(stage.region.passwords.vcenter.file, 'wrong.password'));
  const watch = watchCommandLines([wrong]);
  const { code, stdout, stderr } = await stage.on('admin', [stage.cfha, 'bootstrap', path]).finally(() => watch.stop());
  expect(code === 2 && stderr.includes('FENCING_FAILED'), `not refused: exit code ${code}\n${stdout}${stderr}`);
  expect(!(stdout + stderr).includes(wrong) && watch.stop().length === 0, 'the wrong password is told');
  stage.say(
    stderr
      .split('\n')
      .find((line) => line.includes('does not answer'))
      ?.trim() ?? '',
  );
}

async function play(stage: Stage): Promise<void> {
  await refusesWrong(stage);
  const [first] = stage.nodes;
  await stage.must(first, ['sh', '-euc', someonesServer], { input: `${copier}\n` });
  const path = join(stage.region.folder, 'secretive.yaml');
  writeFileSync(path, secretive(stage.region.text));
  const secrets = [...secretsOf(stage), copier];
  const watch = watchCommandLines(secrets);
  try {
    for (const [more, expected] of [['--plan', 0], ['--plan --json', 0], ['', 0], ['--check', 0]] as const) {
      const { code, text } = await typed(stage, path, more);
      expect(!secrets.some((secret) => text.includes(secret)), `bootstrap ${more} prints a password`);
      expect(code === expected, `bootstrap ${more}: exit code ${code}\n${text}`);
    }
  } finally {
    watch.stop();
  }
  await untilHealthy(stage, 30);
  expect(watch.samples() > 100, `the command lines were looked at only ${watch.samples()} times`);
  expect(watch.stop().length === 0, `${watch.stop().length} command lines held a password`);
  for (const node of stage.nodes) {
    const places = await placesWith(stage, node, secrets);
    stage.say(`${node}: passwords are in ${places.join(', ')}`);
    const wrong = await exposed(stage, node, places);
    expect(places.length === 3 && wrong.length === 0, `${node}: passwords are in ${wrong.join(', ')}`);
  }
  const log = await stage.on('admin', ['cat', '/var/log/cfha/bootstrap.log']);
  expect(log.stdout.includes('postgres/initialised'), 'the log of cfha does not tell of the run');
  expect(!secrets.some((secret) => log.stdout.includes(secret)), 'the log of cfha holds a password');
} // prettier-ignore

export const secretiveness: Scenario = {
  name: 'passwords of every option, from files, the environment and the terminal, are nowhere to be seen',
  from: 'bare',
  core: false,
  ends: 'otherwise',
  play,
};
