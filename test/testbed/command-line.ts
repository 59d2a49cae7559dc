// The command line of scripts/testbed, read.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { badUsage } from './refusal.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

/** `words`: the arguments that are no options. */
export type Request = Readonly<{ command: string; words: readonly string[]; options: Options }>;

type Shape = Readonly<{
  usage: string;
  about: string;
  examples: readonly string[];
  options?: ParseArgsOptionsConfig;
  least: number;
  most: number;
  hidden?: true;
}>;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const target = { host: text, port: text, db: text, user: text, 'password-file': text };

export const commands: Readonly<Record<string, Shape>> = {
  up: {
    usage: 'up [--nodes N] [--suite bookworm] [--vm-prefix dc1]',
    about: 'Makes the testbed, or what is missing of it, and boots every node (2 unless told otherwise).',
    examples: ['scripts/testbed up', 'scripts/testbed up --nodes 3 --name t1'],
    options: { nodes: text, suite: text, 'vm-prefix': text },
    ...words(0),
  },
  down: {
    usage: 'down [--wipe] [--wipe-cache]',
    about:
      'Stops everything. --wipe: removes disks and keys as well; --wipe-cache: also the root filesystems shared by all testbeds.',
    examples: ['scripts/testbed down --wipe'],
    options: { wipe: flag, 'wipe-cache': flag },
    ...words(0),
  },
  status: {
    usage: 'status [--json]',
    about: 'Shows nodes, vCenter, keys and saves.',
    examples: ['scripts/testbed status'],
    options: { json: flag },
    ...words(0),
  },
  exec: {
    usage: 'exec NODE CMD...',
    about:
      'Runs a command as root on a node, or on this machine in the testbed\'s network (NODE "admin"); its exit code is ours (255: the node is off). Options of ours go before NODE.',
    examples: [
      'scripts/testbed exec db1 crm_mon -Afr -1',
      'scripts/testbed exec --name t1 admin ssh root@10.77.0.11 hostname',
    ],
    ...words(2, Infinity),
  },
  power: {
    usage: 'power on|off|cycle|status NODE [--no-wait] [--off-seconds 10]',
    about: 'off: pulls the plug, the disk stays. on, cycle: wait until the node has booted, unless told not to.',
    examples: ['scripts/testbed power off db1', 'scripts/testbed power cycle db2 --off-seconds 20'],
    options: { 'no-wait': flag, 'off-seconds': text },
    ...words(2),
  },
  net: {
    usage: 'net cut|heal NODE',
    about: "Pulls a node's network cable, or puts it back.",
    examples: ['scripts/testbed net cut db1'],
    ...words(2),
  },
  save: {
    usage: 'save NAME [--plug]',
    about:
      'Shuts the nodes down one after the other, from the last to the first (--plug: pulls the plugs), keeps their disks as NAME, boots them.',
    examples: ['scripts/testbed save bare'],
    options: { plug: flag },
    ...words(1),
  },
  load: {
    usage: 'load NAME',
    about: 'Pulls all plugs, gives every node its disk of the save, boots them.',
    examples: ['scripts/testbed load bare'],
    ...words(1),
  },
  forget: {
    usage: 'forget NAME',
    about: 'Removes a save and the disk space only it needed.',
    examples: ['scripts/testbed forget bare'],
    ...words(1),
  },
  client: {
    usage: 'client --seconds S [--json] [--host VIP] [--port 5432] [--db NAME] [--user NAME] [--password-file FILE]',
    about:
      'Inserts a number about every 20 ms through the virtual IP, then reports. Exit code 0: nothing missing; 1: acknowledged rows missing; 2: never connected.',
    examples: ['scripts/testbed client --seconds 60 --json'],
    options: { seconds: text, json: flag, ...target },
    ...words(0),
  },
  'fence-log': {
    usage: 'fence-log [--json]',
    about: 'What the vCenter was asked to do.',
    examples: ['scripts/testbed fence-log --json'],
    options: { json: flag },
    ...words(0),
  },
  'serve-vcenter': { usage: 'serve-vcenter', about: '', examples: [], hidden: true, ...words(0) },
  'run-client': {
    usage: 'run-client',
    about: '',
    examples: [],
    options: { seconds: text, json: flag, 'lists-at': text, ...target },
    hidden: true,
    ...words(0),
  },
};

function words(least: number, most = least): Readonly<{ least: number; most: number }> {
  return { least, most };
}

/** Reads the arguments; throws what is wrong with them. */
export function readCommandLine(argv: readonly string[]): Request {
  const [command = '--help', ...rest] = argv;
  if (['--help', '-h', 'help'].includes(command)) return { command: 'help', words: rest.slice(0, 1), options: {} };
  const shape = commands[command];
  if (!shape) throw badUsage(`${command}: unknown command; scripts/testbed --help`);
  const { ours, theirs } = command === 'exec' ? splitExec(rest) : { ours: rest, theirs: [] };
  const { positionals, values } = parse(command, shape, ours);
  const given = [...positionals, ...theirs];
  if (values['help'] === true) return { command: 'help', words: [command], options: {} };
  if (given.length < shape.least || given.length > shape.most)
    throw badUsage(`usage: scripts/testbed ${shape.usage} [--name NAME]`);
  return { command, words: given, options: values };
}

/** Of `exec`, only the options before the node are ours: the rest is the command's. */
function splitExec(rest: readonly string[]): Readonly<{ ours: readonly string[]; theirs: readonly string[] }> {
  let i = 0;
  while (rest[i]?.startsWith('-')) i += rest[i] === '--name' ? 2 : 1;
  return { ours: rest.slice(0, i), theirs: rest.slice(i) };
}

function parse(
  command: string,
  shape: Shape,
  args: readonly string[],
): Readonly<{ positionals: readonly string[]; values: Options }> {
  try {
    const options = { name: text, help: { ...flag, short: 'h' }, ...shape.options };
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { positionals, values };
  } catch (error) {
    throw badUsage(`${error instanceof Error ? error.message : String(error)}; scripts/testbed ${command} --help`);
  }
}

/** The number an option holds. */
export function numberOption(options: Options, name: string): number | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value))
    throw badUsage(`--${name} ${String(value)}: expected a number`);
  return Number(value);
}

/** The text an option holds. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function helpText(command?: string): string {
  const shape = command === undefined ? undefined : commands[command];
  if (shape)
    return [
      `scripts/testbed ${shape.usage} [--name NAME]`,
      '',
      shape.about,
      '',
      'Examples:',
      ...shape.examples.map((e) => `  ${e}`),
    ].join('\n');
  const shown = Object.values(commands).filter((s) => !s.hidden);
  return [
    'scripts/testbed COMMAND [--name NAME]: servers on this machine, to try regions on. Needs root.',
    ...shown.flatMap((s) => ['', `  ${s.usage}`, `      ${s.about}`, ...s.examples.map((e) => `      e.g. ${e}`)]),
    '',
    'Nodes db1, db2, … are 10.77.0.11, .12, …; the vCenter is 10.77.0.1; "admin" is this machine at 10.77.0.200; 10.77.0.100 is free for a virtual IP.',
    'Several testbeds run side by side if each has its --name (default: default).',
  ].join('\n');
}
