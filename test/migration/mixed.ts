// A mixed pair: one node runs ours, the other upstream's, under one name in the configuration. This is what a region is
// between two nodes' updates, when it is changed node by node: the file of ocf:heartbeat:pgsql is ours on one of them.
import { expectKept, survive } from '../scenarios/survived.ts';
import { untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect } from '../scenarios/waiting.ts';
import { beginByHand, shell, tmpdir } from './by-hand.ts';
import type { Step } from './play.ts';
import { bringBack, install, untilMonitored, untilPoweredOn } from './words.ts';

/** What acts on each node. */
const acts = { db1: 'ours', db2: 'upstream’s' } as const;
const nodeOfOurs = 'db1';

export async function beginMixed(stage: Stage): Promise<void> {
  await beginByHand(stage);
  await install(stage, nodeOfOurs);
  const agent = '/usr/lib/ocf/resource.d/heartbeat/pgsql';
  // the executable is the agent when it is called cfpgsql, hence no link
  const script = `cp -a ${agent} ${agent}.upstream
    printf '#!/bin/sh\\nexec /usr/lib/ocf/resource.d/custom/cfpgsql "$@"\\n' >${agent}.new
    chmod 755 ${agent}.new; mv ${agent}.new ${agent}`;
  await shell(stage, nodeOfOurs, script);
  await untilHealthy(stage, 60);
}

function who(node: string): string {
  return `${node} (${acts[node as keyof typeof acts]})`;
}

async function untilWhole(stage: Stage, node: string): Promise<void> {
  const lock = (await stage.on(node, ['test', '-e', `${tmpdir}/PGSQL.lock`])).code === 0;
  expect(lock, `${node} was the primary and has no PGSQL.lock`);
  stage.say(`${node} is back ${await bringBack(stage, node)}`);
  stage.say(await untilMonitored(stage, 'ocf:heartbeat:pgsql'));
}

async function switchOver(stage: Stage): Promise<void> {
  const survived = await survive(stage, async (primary) => {
    await stage.must(primary, ['pcs', 'node', 'standby', primary]);
  });
  stage.say(`from ${who(survived.before)} to ${who(survived.after)}`);
  expectKept(survived);
  await untilWhole(stage, survived.before);
}

async function failOver(stage: Stage): Promise<void> {
  const survived = await survive(stage, (primary) => stage.testbed.power('off', primary));
  stage.say(`from ${who(survived.before)} to ${who(survived.after)}`);
  // asynchronous: what the standby had not received when the plug was pulled is lost, whoever's agent it is
  expectKept(survived, 2);
  await untilPoweredOn(stage, survived.before);
  await untilWhole(stage, survived.before);
}

function both(what: string, act: (stage: Stage) => Promise<void>): readonly Step[] {
  return [
    { name: `mixed pair: ${what}, from one node to the other`, play: act },
    { name: `mixed pair: ${what}, and back again`, play: act },
  ];
}

export const mixed: readonly Step[] = [...both('switchover', switchOver), ...both('power lost', failOver)];
