// scripts/testbed: reads the command line, calls the testbed, prints.
import { readFileSync, existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { helpText, numberOption, readCommandLine, textOption, type Request } from './command-line.ts';
import { badUsage, Refusal } from './refusal.ts';
import { exitCode, passSignal } from './processes.ts';
import type { ClientOptions } from './client-process.ts';
import type { Report } from './gaps.ts';
import type { Keeping } from '../lists/client.ts';
import { openTestbed, type Testbed } from './testbed.ts';
import type { ChildProcess } from 'node:child_process';

type Handler = (testbed: Testbed, request: Request) => Promise<number> | number;

const handlers: Readonly<Record<string, Handler>> = {
  up: async (testbed, { options }) => {
    const [nodes, suite, vmPrefix] = [
      numberOption(options, 'nodes'),
      textOption(options, 'suite'),
      textOption(options, 'vm-prefix'),
    ];
    await testbed.up({
      ...(nodes !== undefined && { nodes }),
      ...(suite && { suite }),
      ...(vmPrefix && { vmPrefix }),
      say: tell,
    });
    return showStatus(testbed, false);
  },
  down: async (testbed, { options }) =>
    done(
      testbed.down({
        wipe: options['wipe'] === true || options['wipe-cache'] === true,
        wipeCache: options['wipe-cache'] === true,
      }),
    ),
  status: (testbed, { options }) => showStatus(testbed, options['json'] === true),
  exec: (testbed, { words: [node = '', ...argv] }) => throughPass(testbed.start(node, argv, { stdio: 'inherit' })),
  power: (testbed, request) => power(testbed, request),
  net: (testbed, { words: [turn, node = ''] }) => {
    if (turn !== 'cut' && turn !== 'heal') throw badUsage('usage: scripts/testbed net cut|heal NODE');
    return done(testbed.net(turn, node));
  },
  save: (testbed, { words: [name = ''], options }) => done(testbed.save(name, { plug: options['plug'] === true })),
  load: (testbed, { words: [name = ''] }) => done(testbed.load(name)),
  forget: (testbed, { words: [name = ''] }) => done(testbed.forget(name)),
  client: (testbed, { options }) =>
    throughPass(testbed.startClientHere(clientOptions(options), options['json'] === true)),
  'fence-log': async (testbed, { options }) => {
    const { fenceText } = await import('./vcenter/fence-log.ts');
    print(options['json'] === true ? JSON.stringify(testbed.fenceLog()) : fenceText(testbed.fenceLog()));
    return 0;
  },
  'serve-vcenter': async (testbed) => {
    const { serveVcenter } = await import('./vcenter/server.ts');
    serveVcenter(testbed.layout);
    return new Promise<number>(() => undefined); // until killed
  },
  'run-client': (_testbed, { options }) => runClient(options),
};

function print(text: string): void {
  if (text) process.stdout.write(`${text}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function done(work: Promise<unknown>): Promise<number> {
  await work;
  return 0;
}

async function showStatus(testbed: Testbed, json: boolean): Promise<number> {
  const { statusText } = await import('./status.ts');
  const status = testbed.status();
  print(json ? JSON.stringify(status) : statusText(status));
  return 0;
}

async function power(testbed: Testbed, { words: [turn, node = ''], options }: Request): Promise<number> {
  if (turn === 'status') {
    testbed.mustHave(node);
    print(testbed.isOn(node) ? 'on' : 'off');
    return 0;
  }
  if (turn !== 'on' && turn !== 'off' && turn !== 'cycle')
    throw badUsage('usage: scripts/testbed power on|off|cycle|status NODE');
  const offSeconds = numberOption(options, 'off-seconds');
  return done(
    testbed.power(turn, node, { wait: options['no-wait'] !== true, ...(offSeconds !== undefined && { offSeconds }) }),
  );
}

/** Lets a child have our streams and signals, and ends as it ends. */
async function throughPass(child: ChildProcess): Promise<number> {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => passSignal(child, signal));
  // a terminal sends these to the child as well: twice would be once too often
  for (const signal of ['SIGINT', 'SIGQUIT'] as const)
    process.on(signal, () => (isatty(0) ? undefined : passSignal(child, signal)));
  return exitCode(child);
}

function clientOptions(options: Request['options']): ClientOptions {
  const seconds = numberOption(options, 'seconds');
  if (seconds === undefined) throw badUsage('client needs --seconds S; scripts/testbed client --help');
  const [host, port, database] = [
    textOption(options, 'host'),
    numberOption(options, 'port'),
    textOption(options, 'db'),
  ];
  const [user, passwordFile] = [textOption(options, 'user'), textOption(options, 'password-file')];
  return {
    seconds,
    ...(host && { host }),
    ...(port && { port }),
    ...(database && { database }),
    ...(user && { user }),
    ...(passwordFile && { passwordFile }),
  };
}

type Kept = Omit<Keeping, 'addresses'> & { readonly addresses: string | undefined };

/** Beside the inserts, where it was asked for. */
async function keptLists({ addresses, ...given }: Kept): Promise<Pick<Report, 'lists'>> {
  if (addresses === undefined) return {};
  const { keepLists } = await import('../lists/client.ts');
  const { judgeLists } = await import('../lists/judge.ts');
  const history = await keepLists({ ...given, addresses: addresses.split(',') });
  return history === undefined ? {} : { lists: judgeLists(history) };
}

async function runClient(options: Request['options']): Promise<number> {
  const { insertNumbers } = await import('./inserts.ts');
  const { reportText } = await import('./gaps.ts');
  const { clientDefaults } = await import('./client-process.ts');
  const { host, port, database, user, passwordFile, seconds } = { ...clientDefaults, ...clientOptions(options) };
  const password = existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : undefined;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const target = { host, port, database, user, ...(password !== undefined && { password }) };
  const [report, lists] = await Promise.all([
    insertNumbers({ target, seconds, stop: stop.signal, say: tell }),
    keptLists({ target, addresses: textOption(options, 'lists-at'), seconds, stop: stop.signal }),
  ]);
  if (!report) return 2;
  print(options['json'] === true ? JSON.stringify({ ...report, ...lists }) : reportText(report));
  return report.missing > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const request = readCommandLine(process.argv.slice(2));
  if (request.command === 'help') {
    print(helpText(request.words[0]));
    return 0;
  }
  const testbed = openTestbed(textOption(request.options, 'name') ?? 'default');
  return (await handlers[request.command]?.(testbed, request)) ?? 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  tell(`testbed: ${error.message}`);
  process.exitCode = error.exitCode;
}
