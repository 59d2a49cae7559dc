// A pretended cluster with real servers: the words in which a case of setup "servers" is told.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { pair } from '../differential/scenarios/golden.ts';
import { quick } from '../differential/scenarios/pairs.ts';
import { monitor, transition, type Step } from '../differential/scenario.ts';
import { ask, endServers, look, postmaster, settle, type Server } from '../differential/servers.ts';
import {
  dataFolder,
  makeSide,
  nodeFolder,
  socketFolder,
  stateFolder,
  type Rig,
  type Side,
} from '../differential/side.ts';
import { expect } from '../scenarios/waiting.ts';

/** `parameters` are the resource's, beside those of a pair; `nodes` are n1 and n2, if not given. */
export type ClusterSpec = Readonly<{
  mode?: 'async' | 'sync';
  parameters?: Readonly<Record<string, string>>;
  nodes?: readonly string[];
}>;

export type Cluster = Readonly<{
  side: Side;
  /** Does the steps (test/differential/scenario.ts: act, transition, monitor, vip, sql, configure, …); their exit codes. */
  does: (...steps: readonly Step[]) => Promise<readonly (number | undefined)[]>;
  /** Does the steps; each call of the agent has to end with this code, or with the step's own. */
  must: (code: number, ...steps: readonly Step[]) => Promise<void>;
  /** Makes n1 the primary, does the steps, and makes n2 its standby; the address is on n1. */
  begins: (...steps: readonly Step[]) => Promise<void>;
  /** The same, without steps. */
  replicates: () => Promise<void>;
  /** Rows of a question that has to succeed. */
  ask: <Row extends pg.QueryResultRow>(node: string, sql: string) => Promise<readonly Row[]>;
  /** What the node's server is doing. */
  look: (node: string) => Promise<Server>;
  /** Its process, if it runs. */
  postmaster: (node: string) => number | undefined;
  /** An attribute as the agent has written it: 'status', 'data-status', 'xlog-loc', … or 'score'. */
  attribute: (node: string, name: string) => string | undefined;
  /** What the agent has printed on this node so far. */
  printed: (node: string) => string;
  data: (node: string) => string;
  sockets: (node: string) => string;
}>;

/** Makes the cluster under `root`, a short path: that of a socket has at most 107 characters. */
export async function makeCluster(rig: Rig, root: string, spec: ClusterSpec): Promise<Cluster> {
  const { mode = 'async', parameters = {}, nodes = ['n1', 'n2'] } = spec;
  const all = pair(mode, { node_list: nodes.join(' '), ...parameters });
  return clusterOn(await makeSide({ rig, agent: 'ours', root, nodes, parameters: all }));
}

function clusterOn(side: Side): Cluster {
  const printed = (node: string): string => textIn(join(nodeFolder(side, node), 'agent.log'));
  const does: Cluster['does'] = async (...steps) => {
    const codes: (number | undefined)[] = [];
    for (const step of steps) {
      codes.push(await step.run(side));
      await settle(side);
    }
    return codes;
  };
  const must: Cluster['must'] = async (wanted, ...steps) => {
    for (const step of steps) {
      const [code] = await does(step);
      const due = step.ours ?? wanted;
      const words = (): string => side.nodes.map((node) => `${node}:\n${lastLines(printed(node))}`).join('\n');
      expect(code === undefined || code === due, `${step.says}: ${String(code)}, not ${due}\n${words()}`);
    }
  };
  return {
    ...{ side, does, must, printed },
    begins: (...steps) => must(0, ...quick(), ...steps, ...transition('start', 'n2'), monitor('n1', { exit: 8 })),
    replicates: () => must(0, ...quick('n2')),
    ask: async (node, sql) => {
      const rows = await ask(side, node, sql);
      if (rows === undefined) throw new Error(`${node} does not answer: ${sql}`);
      return rows as never;
    },
    look: (node) => look(side, node),
    postmaster: (node) => postmaster(side, node),
    attribute: (node, name) => attributeOf(side, node, name),
    data: (node) => dataFolder(side, node),
    sockets: (node) => socketFolder(side, node),
  };
}

function attributeOf(side: Side, node: string, name: string): string | undefined {
  const full = name === 'score' ? 'master-cfpgsql' : `cfpgsql-${name}`;
  const values = ['reboot', 'forever'].map((lifetime) => textIn(join(stateFolder(side, node), lifetime, full)).trim());
  return values.find((value) => value !== '');
}

function textIn(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-12).join('\n');
}

/** Ends what runs of it. */
export function endCluster({ side }: Cluster): Promise<void> {
  return endServers(side);
}
