// One executable, two programs: called as cfpgsql it is the resource agent, as anything else cfha. The agent lies in the
// executable as a snapshot of V8's heap: loaded, and rehearsed in the build (docs/decisions/0011), and what PostgreSQL calls for
// every WAL file with it. cfha lies beside it.
// https://nodejs.org/docs/latest-v26.x/api/v8.html#startup-snapshot-api
import { basename } from 'node:path';
import { startupSnapshot } from 'node:v8';
import { main as agent } from '../agent/main.ts';
import { wake } from '../lib/host/woken.ts';
import { askedVariable } from '../meta/launcher.ts';
import { readFileCall } from '../wal/call.ts';
import { oneFile } from '../wal/main.ts';
import type * as cfha from './main.ts';

startupSnapshot.setDeserializeMainFunction(() => {
  const args = process.argv.slice(2);
  const file = readFileCall(args);
  // The agent ends when it has answered: no connection that a hung server never closes keeps it alive.
  if (basename(process.argv0) === 'cfpgsql')
    wake(
      () => agent(args),
      (code) => process.exit(code),
    );
  else if (file !== undefined)
    wake(
      () => Promise.resolve(oneFile(file)),
      (code) => process.exit(code),
    );
  else
    wake(
      () => loadCfha().main(),
      (code) => (process.exitCode = code),
    );
});

/** The bundle that scripts/build.ts has put beside the snapshot. */
function loadCfha(): typeof cfha {
  const { getAsset } = process.getBuiltinModule('node:sea');
  const { compileFunction } = process.getBuiltinModule('node:vm');
  const { createRequire } = process.getBuiltinModule('node:module');
  const run = compileFunction(getAsset('cfha.cjs', 'utf8'), ['module', 'require', '__filename'], {
    filename: 'cfha.cjs',
  }) as (module: { exports: typeof cfha }, require: NodeJS.Require, filename: string) => void;
  const module = { exports: {} as typeof cfha };
  run(module, createRequire(process.execPath), process.execPath);
  return module.exports;
}

/** In the build: one steady monitor on each node of the stage that scripts/rehearsal.ts has set. */
async function rehearse(nodes: readonly string[]): Promise<void> {
  const codes: number[] = [];
  for (const node of nodes) {
    process.env['OCF_RESKEY_CRM_meta_on_node'] = node;
    // The first of them asks the cluster by itself, the other is given the answer as by the launcher (scripts/build.ts).
    if (codes.length > 0) process.env[askedVariable] = '3 0';
    codes.push(await agent(['monitor']));
  }
  if (codes.join() !== '8,0') throw new Error(`the rehearsal of a primary and a standby ended with ${codes.join()}`);
}

if (startupSnapshot.isBuildingSnapshot()) void rehearse(['primary', 'standby']);
