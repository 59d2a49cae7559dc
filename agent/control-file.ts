// What the control file of a server that does not run says.
import type { Exec } from '../lib/host/exec.ts';
import { controlDataArgv, readControlData, type ControlData } from '../lib/postgres/controldata.ts';
import type { Call } from './call.ts';

/** Throws UnreadableAnswer. `data`: of another directory than the call's. */
export async function controlDataOf(
  { call, exec }: { readonly call: Call; readonly exec: Exec },
  data = call.parameters.pgdata,
): Promise<ControlData> {
  return readControlData(await exec({ argv: controlDataArgv(call.parameters.pgctl, data), timeoutMs: 5000 }));
}
