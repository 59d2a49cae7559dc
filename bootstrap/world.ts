// The world that goals are reached in: the real hosts, a clock, and where progress goes.
import type { Result } from '../lib/host/exec.ts';
import type { Log } from '../lib/host/log.ts';
import { masked } from '../lib/host/log.ts';
import type { Context } from './context.ts';
import type { HostFacts } from './facts.ts';
import { ask } from './asking.ts';
import type { Command } from './goal.ts';
import { lostBecause, type Hosts } from './hosts.ts';
import { lookScript } from './look.ts';
import { resourceName } from './pacemaker/wanted.ts';
import type { Printer } from './print.ts';
import type { World } from './reach.ts';
import { readFacts } from './read-facts.ts';
import type { Report } from './reports.ts';

export type Given = {
  readonly context: Context;
  readonly hosts: Hosts;
  readonly printer: Printer;
  readonly log: Log;
  readonly stopping: () => boolean;
  readonly mayRestart: boolean;
};

/** Everything that must not be printed or logged. */
export function secretsOf({ passwords, hacluster, verifiers }: Context): string[] {
  const { fencing, ...others } = passwords;
  const all = [...Object.values(fencing), ...Object.values(others), hacluster, ...Object.values(verifiers)];
  return all.filter((secret) => secret !== '');
}

/** The real world. */
export function realWorld(given: Given, names: readonly string[]): World {
  const { context, hosts } = given;
  const known = new Map<string, string>();
  const lookAt = async (name: string): Promise<{ name: string; host: HostFacts } | { lost: Report }> => {
    const result = await ask(hosts, name, lookScript(context.spec, context.layout, { name, known: known.get(name) }));
    const because = lostBecause(result);
    if (because !== undefined) return { lost: { code: 'HOST_LOST', host: name, because } };
    const read = await readFacts(result, resourceName);
    known.set(name, read.known);
    return { name, host: read.host };
  };
  return {
    look: async () => {
      const answers = await Promise.all(names.map(lookAt));
      const lost = answers.flatMap((answer) => ('lost' in answer ? [answer.lost] : []))[0];
      if (lost !== undefined) return { lost };
      const seen = answers.flatMap((answer) => ('host' in answer ? [[answer.name, answer.host] as const] : []));
      return { facts: { hosts: Object.fromEntries(seen) } };
    },
    ...acting({ ...given, secrets: secretsOf(context) }),
    evidence: async () => {
      const result = await hosts.run(context.layout.first.name, {
        argv: ['pcs', 'status', '--full'],
        timeoutMs: 30_000,
      });
      return `\n\n${masked(result.stdout.trim(), secretsOf(context))}\n`;
    },
  };
}

type Doing = Omit<Given, 'context'> & { readonly secrets: readonly string[] };

/** What is done, and told of it, whatever is looked at. */
export function acting({
  hosts,
  printer,
  log,
  secrets,
  stopping,
  mayRestart,
}: Doing): Omit<World, 'look' | 'evidence'> {
  return {
    act: async (command) => {
      const begun = performance.now();
      const result = await hosts.run(command.on, fed(command));
      const seconds = (performance.now() - begun) / 1000;
      const failed = result.code === 0 ? undefined : masked(failure(result), secrets);
      log.write('command', {
        on: command.on,
        says: command.says,
        argv: command.run,
        code: result.code,
        seconds,
        failed,
      });
      printer.command(command, seconds, failed);
      return failed === undefined ? undefined : { failed };
    },
    wait: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    seconds: () => performance.now() / 1000,
    stopping,
    mayRestart,
    tell: (progress, state, lacks) => {
      log.write('goal', { id: progress.goal.id, state, lacks });
      printer.goal(progress, state, lacks);
    },
  };
}

function fed({ run: argv, input, inputFile }: Command) {
  return { argv, ...(input === undefined ? {} : { input }), ...(inputFile === undefined ? {} : { inputFile }) };
}

/** The last words of a program, some lines of them: pcs says the cause first and advice after it. */
function failure(result: Result): string {
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-6).join('\n');
  return words === '' ? (result.failure ?? `exit code ${String(result.code)}`) : words;
}
