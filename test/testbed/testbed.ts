// The testbed for tests, benches and the demo: N nodes on this machine that behave as servers, and the world around them.
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { clientCommand, startClient, type ClientOptions } from './client-process.ts';
import { definitionOf, mustBeNode, mustBeUp, nodesOf } from './definition.ts';
import { layoutOf } from './layout.ts';
import { boot, down, up, type DownOptions, type UpOptions } from './lifecycle.ts';
import { whileLocked } from './lock.ts';
import { cut, heal, isCut } from './network.ts';
import { commandOfAdmin, commandOnNode, isOn, powerOff, waitUntilUp } from './node.ts';
import { run, sleep, start, type Command, type RunOptions } from './processes.ts';
import { forget, load, save } from './saves.ts';
import { statusOf } from './status.ts';
import { fenceLog } from './vcenter/fence-log.ts';

export type { RunningClient } from './client-process.ts';
export type { Outcome, RunOptions } from './processes.ts';

export type Testbed = ReturnType<typeof openTestbed>;
export type PowerSwitch = 'on' | 'off' | 'cycle';
/** `wait`: until the node has booted (default). `offSeconds`: how long a cycle leaves it off. */
export type PowerOptions = Readonly<{ wait?: boolean; offSeconds?: number }>;

/** The testbed called `name`; it need not be up yet. */
export function openTestbed(name = 'default') {
  const layout = layoutOf(name);
  const change = <T>(work: () => Promise<T>) => whileLocked(layout.lock, work);

  function command(node: string, argv: readonly string[]): Command {
    mustBeUp(layout);
    if (node === 'admin') return commandOfAdmin(layout, argv);
    mustBeNode(layout, node);
    return commandOnNode(layout, node, argv);
  }

  async function power(turn: PowerSwitch, node: string, options: PowerOptions = {}): Promise<void> {
    mustBeNode(layout, node);
    if (turn !== 'on') await change(() => powerOff(layout, node));
    if (turn === 'off') return;
    // a server needs seconds to come back; one that is back within corosync's token confuses Pacemaker
    if (turn === 'cycle') await sleep((options.offSeconds ?? 10) * 1000);
    await change(() => boot(layout, node));
    if (options.wait ?? true) await waitUntilUp(layout, node);
  }

  return {
    name,
    layout,
    up: (options: UpOptions = {}) => up(layout, options),
    down: (options: DownOptions = {}) => down(layout, options),
    nodes: () => nodesOf(layout),
    definition: () => definitionOf(layout),
    status: () => statusOf(layout),
    /** Runs a command on a node (or `admin`) to its end. */
    exec: async (node: string, argv: readonly string[], options: RunOptions = {}) => run(command(node, argv), options),
    /** Starts a command on a node (or `admin`); signals for it go through `passSignal`. */
    start: (node: string, argv: readonly string[], options: SpawnOptions = {}): ChildProcess =>
      start(command(node, argv), options),
    power,
    /** Refuses a name that is no node of this testbed. */
    mustHave: (node: string) => mustBeNode(layout, node),
    isOn: (node: string) => isOn(layout, node),
    net: async (turn: 'cut' | 'heal', node: string): Promise<void> => {
      mustBeNode(layout, node);
      await change(() => (turn === 'cut' ? cut : heal)(layout, node));
    },
    isCut: (node: string) => isCut(layout, node),
    save: (saveName: string, options: { plug?: boolean } = {}) => save(layout, saveName, options),
    load: (saveName: string) => load(layout, saveName),
    forget: (saveName: string) => forget(layout, saveName),
    startClient: (options: ClientOptions) => startClient(layout, options),
    /** The client with our own streams. */
    startClientHere: (options: ClientOptions, json: boolean): ChildProcess => {
      const { file, args } = clientCommand(layout, options);
      return start({ file, args: json ? [...args, '--json'] : args }, { stdio: 'inherit' });
    },
    fenceLog: () => fenceLog(layout),
  };
}
