// cfha global: its jobs, its services, its installation.
import { resolve } from 'node:path';
import { pruneArchive } from '../../global/archive.ts';
import { lookAtGate, makeGate } from '../../global/gate.ts';
import { hostHere, install } from '../../global/install.ts';
import { readMemory, serveKeeper } from '../../global/keeper.ts';
import { letIn } from '../../global/other-firewall.ts';
import { fileSink } from '../../global/log.ts';
import { configFile } from '../../global/site-name.ts';
import { readConfig, serverUser, type Found, type Site } from '../../global/site.ts';
import { jobs, keeperFile, type Job } from '../../global/places.ts';
import { statusText } from '../../global/rules/status.ts';
import { logLine } from '../../global/rules/words.ts';
import { runJob } from '../../global/run-job.ts';
import { dropKept } from '../../global/kept.ts';
import { remove } from '../../global/remove.ts';
import { status } from '../../global/status.ts';
import { watch } from '../../global/watch.ts';
import { timeOfDayMs } from '../../lib/host/clock.ts';
import { UnreadableAnswer } from '../../lib/host/exec.ts';
import { ownExecutable } from '../../lib/host/own-executable.ts';
import { spawnExec } from '../../lib/host/spawn.ts';
import { inWords } from '../../lib/yaml/read.ts';
import type { Terminal } from './region.ts';

type Options = { readonly config: string | undefined };
type Out = Pick<Terminal, 'out' | 'err' | 'stopping'> & { readonly root: boolean };

/** All that is wrong with the file, as with a region file; undefined then. */
function configured(
  { config = configFile }: Options,
  { err }: Pick<Out, 'err'>,
  asksWitnesses = true,
): Found | undefined {
  const found = readConfig(config, { asksWitnesses });
  if (!('problems' in found)) return found;
  for (const problem of found.problems)
    err(`${config}: ${inWords(problem)}
`);
  return undefined;
}

export async function jobCommand(
  name: string,
  { config, rest }: Options & { rest: readonly string[] },
  terminal: Out,
): Promise<number> {
  const job = jobs.find((one): one is Job => one === name);
  const found = configured({ config }, terminal, job !== 'archive-wal');
  if (found === undefined || job === undefined) return 2;
  if (!terminal.root && job !== 'archive-wal') return refuse(terminal, `${job} is for root: sudo cfha global ${job}`);
  return told(terminal, () => runJob(job, rest, { ...found, exec: spawnExec(), out: terminal.out }));
}

function refuse({ err }: Pick<Out, 'err'>, text: string): 2 {
  err(`cfha: ${text}\n`);
  return 2;
}

export async function installCommand({ config, cron }: Options & { cron: boolean }, terminal: Out): Promise<number> {
  if (config !== undefined && resolve(config) !== configFile)
    return refuse(terminal, `what is installed reads ${configFile}, and no other file: put ${config} there`);
  const found = configured({ config }, terminal);
  if (found === undefined) return 2;
  const cfha = ownExecutable();
  if (cfha === undefined || !terminal.root)
    return refuse(terminal, 'install is for root (sudo cfha global install), and for the built executable');
  return told(terminal, () => install({ ...found, cron, cfha, exec: spawnExec(), out: terminal.out }));
}

export async function removeCommand({ config, yes }: Options & { yes: boolean }, terminal: Out & Terminal): Promise<number> {
  const found = configured({ config }, terminal, false);
  if (found === undefined) return 2;
  const cfha = ownExecutable();
  if (cfha === undefined || !terminal.root)
    return refuse(terminal, 'remove is for root (sudo cfha global remove), and for the built executable');
  if (!(await consents(yes, terminal, whatRemovingMeans))) return 2;
  return told(terminal, async () => {
    const exec = spawnExec();
    const dropSlot = async (): Promise<void> => {
      if (found.site !== undefined) await dropKept({ ...found, site: found.site, user: await serverUser(found.spec, exec) }); // prettier-ignore
    };
    const { gone, left } = await remove({ service: found.spec.postgres.service, cfha, exec, dropSlot });
    terminal.out(gone.length === 0 ? 'Nothing was to do.\n' : gone.map((what) => `${what}\n`).join(''));
    terminal.out(`${configFile} stays: cfha serve says 503 as long as it is there. /var/lib/cfha stays: the epochs.\n`);
    if (found.spec.gate.firewall !== 'nftables') terminal.out(`What ${found.spec.gate.firewall} lets in for this port stays so.\n`);
    for (const what of left) terminal.err(`cfha: NOT taken away: ${what}\n`);
    return left.length === 0 ? 0 : 1;
  });
} // prettier-ignore

const whatRemovingMeans = `On this host nothing is watched any more, nobody is promoted, and the port is open to all clients, also to those of a standby.
The database goes on as it is, with its data. The other hosts of the pair are not told: call it there as well.`;

/** Asks a person, unless they have said yes. */
export async function consents(yes: boolean, { ask, err }: Terminal, what: string): Promise<boolean> {
  if (yes) return true;
  err(`${what}\n`);
  const consent = ask !== undefined && (await ask('Go on? [y/N] '));
  if (!consent) err(`cfha: ${ask === undefined ? 'say --yes to do it' : 'nothing was changed'}\n`);
  return consent;
}

/** What a program or a file would not let it do is told in one line. */
async function told({ err }: Pick<Out, 'err'>, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    err(`cfha: ${error.message}\n`);
    return 1;
  }
}

/** From the call of a site's command to its exit code; what goes wrong is in the log as well. */
export async function atSite(options: Options, terminal: Out, { log, work }: { log: string; work: (site: Site) => Promise<number> }): Promise<number> {
  return told(terminal, async () => {
    const site = await siteOf(options, terminal, log);
    if (site === undefined) return 2;
    try {
      return await work(site);
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      site.say(['ERROR', error.message]);
      return 1;
    }
  });
} // prettier-ignore

/** This host as a site; undefined, with a word, if it is none. */
async function siteOf(options: Options, terminal: Out, name: string): Promise<Site | undefined> {
  const found = configured(options, terminal);
  if (found === undefined) return undefined;
  const { site, spec } = found;
  if (site === undefined || !terminal.root) {
    const [first, second] = [spec.first, spec.second].map(({ host, address }) => `${host} (${address})`);
    refuse(terminal, site === undefined ? `this host is neither ${first} nor ${second}, by its addresses and its name: call it there, or correct global.yaml` : 'this is for root: sudo cfha global …'); // prettier-ignore
    return undefined;
  }
  const exec = spawnExec();
  const file = fileSink(name);
  const say: Site['say'] = (line) => {
    file(line);
    terminal.err(logLine(line, new Date()));
  };
  return { ...found, site, exec, say, user: await serverUser(found.spec, exec) };
}

export async function statusCommand({ config, json }: Options & { json: boolean }, terminal: Out): Promise<number> {
  return atSite({ config }, terminal, {
    log: 'cfha-global-status',
    work: async (site) => {
      const found = await status(site);
      terminal.out(json ? `${JSON.stringify(found)}\n` : statusText(found));
      return found.code;
    },
  });
}

export async function serviceCommand(name: string, options: Options, terminal: Out): Promise<number> {
  return name === 'keeper'
    ? told(terminal, () => keeper(options, terminal))
    : atSite(options, terminal, { log: 'cfha-global', work: (site) => serve(name, site, terminal) });
}

async function serve(name: string, site: Site, terminal: Out): Promise<number> {
  if (name === 'watch') return watch(site, terminal.stopping);
  if (name === 'prune') {
    const removed = pruneArchive(site.spec, timeOfDayMs());
    site.say(['INFO', `${removed} files of the WAL archive were older than ${site.spec.archive?.days ?? 0} days`]);
    return 0;
  }
  await gate(site);
  return 0;
}

/** Made, if it is not there. What another firewall says is told only: the database waits for the gate, and for nothing else. */
async function gate(site: Site): Promise<void> {
  if ((await lookAtGate(site.exec, site.spec.postgres.port)) === 'absent') await makeGate(site);
  const said = await letIn(site.spec, site.exec);
  if (said !== undefined) site.say(said);
}

async function keeper(options: Options, terminal: Out): Promise<number> {
  const found = configured(options, terminal);
  if (found === undefined) return 2;
  const { witnesses } = found.spec;
  if (witnesses === undefined || found.secret === undefined || hostHere(found) === undefined)
    return refuse(terminal, 'this host is no witness of the pair (witnesses in global.yaml)');
  const memory = readMemory(keeperFile);
  if (memory === undefined)
    return refuse(terminal, `${keeperFile} is missing: what this keeper has promised is not known (docs/global.md)`);
  const { port } = witnesses;
  const log = (text: string): void => terminal.err(`${text}\n`);
  const { first, second, postgres } = found.spec;
  const at = ({ address: host }: typeof first) => ({ host, port: postgres.port });
  const ports = { first: at(first), second: at(second) };
  const server = await serveKeeper(
    { file: keeperFile, address: '0.0.0.0', port, secret: found.secret, ports, log },
    memory,
  );
  while (!terminal.stopping()) await new Promise((resolve) => setTimeout(resolve, 100));
  server.close();
  return 0;
}
