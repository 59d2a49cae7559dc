// What is proved of cfha verify, as data.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { smallDisk } from '../endings/disk.ts';
import { pcs, sql } from '../endings/words.ts';
import { primaryOf } from '../scenarios/seen.ts';
import { begin, untilHealthy, type Stage } from '../scenarios/stage.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import { adminAddress } from '../testbed/layout.ts';
import { exitCode } from '../testbed/processes.ts';
import { archiveSomething, faults, type Pair, type Planted } from './faults.ts';
import { expectProved, verify } from './verify.ts';

export type Case = Readonly<{ name: string; core: boolean; play: (stage: Stage) => Promise<void> }>;

/** The region as it is, if it is well; else loaded anew. */
async function healthy(stage: Stage): Promise<Pair> {
  const well = await untilHealthy(stage, 20).then(() => true, () => false); // prettier-ignore
  if (!well) await begin(stage, 'bootstrapped');
  const seen = await stage.look();
  const primary = (seen && primaryOf(seen)) ?? '';
  return { primary, standby: stage.otherThan(primary) };
}

export const someDrills: readonly Case[] = [
  {
    name: 'every check holds on a region that bootstrap has made',
    core: true,
    play: async (stage) => {
      await healthy(stage);
      expectProved(await verify(stage, '--static'));
    },
  },
  {
    name: 'every check that a node can make by itself holds, and drills are not its affair',
    core: true,
    play: async (stage) => {
      const { primary } = await healthy(stage);
      const { code, stdout } = await stage.on(primary, ['cfha', 'verify', '--static', '--all']);
      expect(code === 0 && stdout.includes('ok   FENCING_ANSWERS'), `exit code ${code}\n${stdout}`);
      expect(/^\?    DRIFT/m.test(stdout), 'there is no region file, and it is compared');
      const drilled = await stage.on(primary, ['cfha', 'verify', '--yes']);
      expect(drilled.code === 2, `drills without a region file: exit code ${drilled.code}`);
    },
  },
  {
    name: 'a switchover is drilled, and the region is as it was',
    core: true,
    play: async (stage) => {
      await healthy(stage);
      expectProved(await verify(stage, '--yes', '--only', 'replication,switchover'));
    },
  },
  {
    name: 'nothing is broken without a word',
    core: true,
    play: async (stage) => {
      await healthy(stage);
      const { code, drills } = await verify(stage, '--only', 'crash');
      expect(code === 2 && drills.length === 0, `exit code ${code}, ${JSON.stringify(drills)}`);
    },
  },
];

export const everyDrill: readonly Case[] = [
  {
    name: 'every drill holds, within 20 minutes, and the region is as it was',
    core: false,
    play: async (stage) => {
      await begin(stage, 'bootstrapped');
      const begun = performance.now();
      const verified = await verify(stage, '--yes', '--html', `${stage.region.folder}/report.html`, '--junit', `${stage.region.folder}/report.xml`); // prettier-ignore
      stage.say(verified.said);
      expectProved(verified);
      const minutes = (performance.now() - begun) / 60_000;
      expect(minutes <= 20, `it took ${minutes.toFixed(1)} minutes`);
    },
  },
];

const archiveProgram = '/usr/local/lib/archive.py';
const archivePort = 8088;

/** Both nodes archive to the administrator's host. Ends the server, and loads the region anew, whatever comes of it. */
async function withSharedArchive(stage: Stage, play: () => Promise<void>): Promise<void> {
  const program = readFileSync(join(import.meta.dirname, 'archive.py'), 'utf8');
  const folder = mkdtempSync(join(stage.region.folder, 'archive-'));
  const server = stage.testbed.start('admin', ['python3', '-c', program, 'serve', folder, String(archivePort)], { stdio: 'ignore' }); // prettier-ignore
  const client = (turn: string) => `python3 ${archiveProgram} ${turn.replace(' ', ` http://${adminAddress}:${archivePort} `)}`; // prettier-ignore
  try {
    for (const node of stage.nodes) {
      await stage.must(node, ['sh', '-euc', `cat >${archiveProgram}`], { input: program });
      await sql(stage, node, 'alter system set archive_mode = on');
      await sql(stage, node, `alter system set archive_command = '${client('put %p %f')}'`);
      await sql(stage, node, `alter system set restore_command = '${client('get %f %p')}'`);
    }
    await stage.must(stage.nodes[0], ['sh', '-euc', 'pcs resource disable postgresql-clone --wait=90; pcs resource enable postgresql-clone --wait=90']); // prettier-ignore
    await untilHealthy(stage, 120);
    await play();
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
    await begin(stage, 'bootstrapped');
  }
}

/** The WAL of both nodes on a disk of its own. */
async function withSmallDisks(stage: Stage, play: () => Promise<void>): Promise<void> {
  const [node] = stage.nodes;
  try {
    await pcs(stage, node, 'cluster', 'stop', '--all');
    for (const each of stage.nodes) await smallDisk(stage, each);
    await pcs(stage, node, 'cluster', 'start', '--all');
    await untilHealthy(stage, 120);
    await play();
  } finally {
    await begin(stage, 'bootstrapped');
  }
}

/** Checks are not its affair: so small a disk for the WAL is one that DISKS warns of. */
const heldDrill = async (stage: Stage, name: string): Promise<void> => {
  const verified = await verify(stage, '--yes', '--only', name);
  stage.say(verified.said);
  expect(verified.drills[0]?.verdict === 'held', JSON.stringify(verified.drills));
  expect(verified.changed?.length === 0, `the region is not as it was: ${String(verified.changed)}`);
};

/** Drills that the usual region gives no occasion for. */
export const particularDrills: readonly Case[] = [
  {
    name: 'the drill of the archive holds where all nodes share one',
    core: false,
    play: async (stage) => {
      await begin(stage, 'bootstrapped');
      await withSharedArchive(stage, () => heldDrill(stage, 'archive'));
    },
  },
  {
    name: 'the drill of the disk holds where the WAL has one of its own',
    core: false,
    play: async (stage) => {
      await begin(stage, 'bootstrapped');
      await withSmallDisks(stage, () => heldDrill(stage, 'disk'));
    },
  },
];

async function found(stage: Stage, { found: by, name }: Planted): Promise<void> {
  return 'check' in by ? foundByCheck(stage, by.check, name) : foundByDrill(stage, by, name);
}

async function foundByCheck(stage: Stage, check: string, name: string): Promise<void> {
  const { broken, code } = await verify(stage, '--static');
  expect(broken.includes(check) && code === 1, `${name}: found was ${broken.join(', ') || 'nothing'}`);
}

async function foundByDrill(stage: Stage, by: { drill: string; says: RegExp }, name: string): Promise<void> {
  const { drills, code } = await verify(stage, '--yes', '--only', by.drill);
  const drill = drills.find((one) => one.name === by.drill);
  const says = drill?.because.join('\n') ?? '';
  expect(code === 1 && drill?.verdict === 'broken' && by.says.test(says), `${name}: ${JSON.stringify(drill)}`);
}

/** So many of the faults are the core: together with all other parts it has to end within 40 minutes. */
const coreFaults = 5;

export const plantedCases: readonly Case[] = faults.map((fault, n) => ({
  name: `planted: ${fault.name}`,
  core: n < coreFaults,
  play: async (stage) => {
    const pair = await healthy(stage);
    await fault.plant(stage, pair);
    try {
      if ('check' in fault.found && fault.found.check === 'ARCHIVE_READABLE') {
        await untilHealthy(stage, 120);
        const seen = await stage.look();
        await stage.must((seen && primaryOf(seen)) ?? '', ['sh', '-c', archiveSomething]);
      }
      await found(stage, fault);
    } finally {
      // a drill may have moved things: it is healthy before it is touched, or loaded anew
      if (fault.remove === undefined) await begin(stage, 'bootstrapped');
      else await fault.remove(stage, 'drill' in fault.found ? await healthy(stage) : pair);
    }
  },
}));

/** What a drill may have left, and must not. */
const traces = `nft list ruleset | grep cfha; ip route show | grep unreachable; ls /var/lib/cfha/verify 2>/dev/null; cibadmin -Q | grep -o 'name="standby" value="on"'; true`;

async function expectNoTrace(stage: Stage): Promise<void> {
  for (const node of stage.nodes) {
    const { stdout } = await stage.on(node, ['sh', '-c', traces]);
    expect(stdout.trim() === '', `${node}: left is ${stdout}`);
  }
}

/** A run that gets the signal after so long; then, if it was killed, another one that undoes. */
function interruptedCase(drill: string, signal: 'SIGINT' | 'SIGKILL'): Case {
  return {
    name: `interrupted: ${drill}, ${signal} at a random moment`,
    core: false,
    play: async (stage) => {
      await healthy(stage);
      const child = stage.testbed.start('admin', [stage.cfha, 'verify', stage.region.path, '--yes', '--only', drill], { stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
      const said: string[] = [];
      child.stderr?.setEncoding('utf8').on('data', (text: string) => void said.push(text));
      const ended = exitCode(child);
      await waitUntil('the drill has begun', () => Promise.resolve(said.join('').includes(`-- ${drill}`)), 120);
      const ms = Math.round(Math.random() * 12_000);
      stage.say(`${signal} after ${ms} ms`);
      await sleep(ms); // a random moment is what is wanted
      child.kill(signal);
      const code = await ended;
      if (signal === 'SIGINT') expect([0, 1, 130].includes(code), `exit code ${code}`);
      else await stage.must('admin', [stage.cfha, 'verify', '--undo', stage.region.path]);
      await untilHealthy(stage, 240);
      await expectNoTrace(stage);
    },
  };
}

export const interrupted: readonly Case[] = [
  interruptedCase('standby', 'SIGINT'),
  interruptedCase('standby', 'SIGKILL'),
  interruptedCase('fence-unreachable', 'SIGINT'),
  interruptedCase('fence-unreachable', 'SIGKILL'),
];
