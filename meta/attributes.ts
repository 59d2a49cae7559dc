// The node attributes we keep in Pacemaker: names, lifetimes and values are a public interface of ClusterLabs' pgsql,
// read by scripts and monitoring systems in the field. New information goes into new attributes, never into new values.

/** `reboot`: gone when the node leaves the cluster. `forever`: kept in the configuration. */
export type Lifetime = 'reboot' | 'forever';

type Declared = { readonly name: (resource: string) => string; readonly lifetime: Lifetime; readonly means: string };

export const attributes = {
  status: {
    name: (r) => `${r}-status`,
    lifetime: 'reboot',
    means: 'what the instance is: PRI, HS:alone, HS:async, HS:sync, HS:potential, HS:connected, STOP, UNKNOWN',
  },
  dataStatus: {
    name: (r) => `${r}-data-status`,
    lifetime: 'forever',
    means: 'how current the data are: LATEST, DISCONNECT, or STATE|SYNC_STATE of pg_stat_replication',
  },
  xlogLoc: {
    name: (r) => `${r}-xlog-loc`,
    lifetime: 'reboot',
    means: 'end of WAL of a standby without a primary: 16 hexadecimal digits',
  },
  baseline: {
    name: (r) => `${r}-master-baseline`,
    lifetime: 'reboot',
    means: 'end of WAL at promotion, or when the primary was demoted: 16 hexadecimal digits',
  },
  score: { name: (r) => `master-${r}`, lifetime: 'reboot', means: 'promotion score: -INFINITY, 100 or 1000' },
  handover: {
    name: (r) => `${r}-handover`,
    lifetime: 'reboot',
    means:
      'where the WAL of a primary ends that was demoted and shut down cleanly: 16 hexadecimal digits; who is promoted has it',
  },
  history: {
    name: (r) => `${r}-xlog-history`,
    lifetime: 'reboot',
    means: 'beside xlog-loc: timeline (8 hexadecimal digits), a hyphen, system identifier',
  },
  lineage: {
    name: (r) => `${r}-lineage`,
    lifetime: 'reboot',
    means:
      'of a standby, while records alone allow no promotion: timeline and system, end of WAL, checksum of the WAL before it, earlier timelines with their ends',
  },
  timeline: {
    name: (r) => `${r}-timeline`,
    lifetime: 'forever',
    means: 'of the last promotion of this node: timeline (8 hexadecimal digits), a hyphen, system identifier',
  },
  promoting: {
    name: (r) => `${r}-promoting`,
    lifetime: 'forever',
    means:
      'of a node whose promotion has begun and is not recorded yet: the history that it began on, and what was recorded of each other node before',
  },
  waiting: {
    name: (r) => `${r}-waits-for`,
    lifetime: 'reboot',
    means: 'for whom the commits of this primary wait, since when (seconds since the epoch) and why',
  },
  syncPoint: {
    name: (r) => `${r}-sync-point`,
    lifetime: 'reboot',
    means: 'of a standby that is coming back: from where on commits have waited for it, 16 hexadecimal digits',
  },
  primaryLsn: {
    name: (r) => `${r}-primary-lsn`,
    lifetime: 'reboot',
    means: 'of a standby, with maximum_lag_on_failover: where the WAL of its primary ended at the last monitor',
  },
  acceptLoss: {
    name: (r) => `${r}-accept-loss`,
    lifetime: 'reboot',
    means: 'a person’s word that this node may be promoted although so many bytes (or all) may be lost',
  },
  rejoin: {
    name: (r) => `${r}-rejoin`,
    lifetime: 'reboot',
    means:
      'while the node is made a standby again: rewind or clone, bytes done / bytes in all, since when (seconds since the epoch)',
  },
  rejoinWord: {
    name: (r) => `${r}-rejoin-word`,
    lifetime: 'reboot',
    means:
      'a person’s word how this node shall be made a standby again: rewind, clone or both; with accept BYTES only if exactly so much is lost',
  },
  evidence: {
    name: (r) => `${r}-evidence`,
    lifetime: 'reboot',
    means:
      'why a start was refused: diverged BYTES TIMELINE FROM TO (and fork-unknown, if FROM is the earliest point that is possible), foreign LOCAL PRIMARY, or unknown and why',
  },
  slot: {
    name: (r) => `${r}-slot`,
    lifetime: 'reboot',
    means:
      'lost: the primary no longer keeps the WAL that this node needs, and its slot was made anew; missing: the primary had no slot for this node. Until the node streams',
  },
  obstacle: {
    name: (r) => `${r}-obstacle`,
    lifetime: 'reboot',
    means:
      'what keeps this standby from taking over as it is, CODE: why; REPLAY_PAUSED, LIMITS_BELOW or SETTING_OUTRANKS',
  },
  receiverStatus: {
    name: (r) => `${r}-receiver-status`,
    lifetime: 'reboot',
    means: 'state of the WAL receiver: normal, normal (master), ERROR',
  },
} as const satisfies Record<string, Declared>;

export type AttributeKey = keyof typeof attributes;

/** Whether the primary, by its record of a standby (`dataStatus`), lets commits wait for it. */
export function isSynchronous(dataStatus: string | undefined): boolean {
  return dataStatus === 'STREAMING|SYNC' || dataStatus === 'STREAMING|QUORUM';
}

/** The value of the promotion score: cannot, can, is it. */
export type Score = '-INFINITY' | '100' | '1000';
