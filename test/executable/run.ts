// The built executable on real servers: killed at every step and called again; stopped with whatever configuration; what it
// says of a server that dies; where secrets are not.   scripts/with-node test/executable/run.ts [--case TEXT] [--jobs N]
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, ourAgent, upstreamAgent } from '../differential/programs.ts';
import { enclosed } from '../differential/rig.ts';
import { cases } from './cases.ts';
import type { Test } from './test.ts';
import { brokenStops, deadServer, secrets } from './properties.ts';
import { interruptedAnywhere } from './interrupted.ts';
import { atTerminal } from './terminal.ts';
import { playTests } from './play.ts';

const { values: options } = parseArgs({
  options: { case: { type: 'string', default: '' }, jobs: { type: 'string', default: '3' } },
});

async function main(): Promise<void> {
  ourAgent();
  const tests: Test[] = [...cases.map(interruptedAnywhere), ...brokenStops, deadServer, secrets, atTerminal];
  const chosen = tests.filter((test) => test.name.includes(options.case));
  await playTests(chosen, { jobs: Number(options.jobs), prefix: join(tmpdir(), 'cfe-') });
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql', 'resource-agents': upstreamAgent }), main);
