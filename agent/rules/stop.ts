// Stopping and demoting (which, as with pgsql, ends stopped).
import { replicates, type Call } from '../call.ts';
import { finish, proceed, type Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Step } from '../steps.ts';
import { setOwn } from './attributes.ts';
import { fastSeconds } from './start.ts';
import { repModeConf } from './sync.ts';

/** A server that ends receives nothing. */
export function forgetReceiver(snapshot: Snapshot, call: Call): readonly Step[] {
  return call.parameters.check_wal_receiver ? setOwn(snapshot, call, { key: 'receiverStatus', value: undefined }) : [];
}

/** stopped x stop, in modes none and slave. */
export function stoppedSingle(snapshot: Snapshot, call: Call): Decision {
  return finish('success', forgetReceiver(snapshot, call));
}

/** Any living server x demote, in replication modes. */
export function demoteServer(snapshot: Snapshot, call: Call): Decision {
  // Nobody else runs, so nobody can have newer data: the next start is allowed. Only after the server is known to be gone.
  const unlock: readonly Step[] = call.alone ? [{ do: 'remove file', file: 'PGSQL.lock' }] : [];
  return proceed(
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
    ...forgetReceiver(snapshot, call),
    { do: 'stop server', fastSeconds: fastSeconds(call, 'demote') },
    ...unlock,
  );
}

/** stopped x demote, in replication modes. */
export function demoted(snapshot: Snapshot, call: Call): Decision {
  return finish('success', [
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
    ...setOwn(snapshot, call, { key: 'status', value: 'STOP' }),
  ]);
}

/** Any living server x stop. */
export function stopServer(snapshot: Snapshot, call: Call): Decision {
  const attributes = replicates(call)
    ? [
        ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
        ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
      ]
    : [];
  return proceed(...attributes, ...forgetReceiver(snapshot, call), {
    do: 'stop server',
    fastSeconds: fastSeconds(call, 'stop'),
  });
}

/** stopped x stop, in replication modes. */
export function stopped(snapshot: Snapshot, call: Call): Decision {
  const sync = call.parameters.rep_mode === 'sync' && (snapshot.syncNames ?? []).length > 0;
  return finish('success', [
    ...setOwn(snapshot, call, { key: 'score', value: '-INFINITY' }),
    ...setOwn(snapshot, call, { key: 'xlogLoc', value: undefined }),
    ...setOwn(snapshot, call, { key: 'status', value: 'STOP' }),
    ...(sync ? [{ do: 'write file', file: 'rep_mode.conf', content: repModeConf([]) } as const] : []),
    ...setOwn(snapshot, call, { key: 'baseline', value: undefined }),
  ]);
}
