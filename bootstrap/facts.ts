// What can be known about the nodes while the region is built. "Not there" is a value, never an exception.
import type { Cluster } from '../lib/pacemaker/cib.ts';
import type { CorosyncConf } from '../lib/pacemaker/corosync-conf.ts';
import type { Configuration } from '../lib/pacemaker/configuration.ts';

export type FileFacts = { readonly sha256: string; readonly mode: string; readonly owner: string };

export type UnitFacts = { readonly active: boolean; readonly enabled: boolean };

/** A data directory. */
export type DataFacts =
  | { readonly state: 'absent' | 'empty' | 'mount' }
  /** There are files in it, but no region's mark. */
  | {
      readonly state: 'foreign';
      /** Of a data directory: its version, and what pg_controldata says it is (`shut down`). */
      readonly version?: number;
      readonly was?: string;
    }
  | { readonly state: 'ours'; readonly region: string; readonly version: number; readonly systemId: string };

/** A running server: what it answered; `unanswering` if it did not. */
export type ServerFacts =
  | { readonly state: 'stopped' | 'unanswering' | 'standby' }
  | {
      readonly state: 'primary';
      /** Verifier of each role that was asked for and exists. */
      readonly roles: Readonly<Record<string, string>>;
      /** Owner of each database. */
      readonly databases: Readonly<Record<string, string>>;
    };

export type CorosyncFacts = CorosyncConf;

export type FolderFacts = {
  readonly from?: string;
  readonly fstab?: string;
  readonly owner: string;
  readonly mode: string;
};

/** `made`: with the file system of this region's node; `is` what else is on it. */
export type StorageFacts = {
  readonly state: 'absent' | 'blank' | 'made' | 'foreign';
  readonly mounted?: boolean;
  readonly is?: string;
};

/** SELinux types: the one that the policy has for a folder, and the one that it has, if it is there. */
export type LabelFacts = { readonly wanted: string; readonly is?: string };

export type HostFacts = {
  readonly files: Readonly<Record<string, FileFacts | undefined>>;
  /** Addresses that each node's name means here. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly addresses: readonly string[];
  readonly units: Readonly<Record<string, UnitFacts | undefined>>;
  readonly corosync: CorosyncFacts | undefined;
  /** Nodes that pcs of this host has a token for. */
  readonly authenticated: readonly string[];
  readonly data: DataFacts;
  readonly server: ServerFacts;
  /** Settings that the running server has read and will obey only after a restart. */
  readonly pending: readonly string[];
  /** Whether our firewall rules are in force. */
  readonly firewall: boolean;
  /** Places that are to be mounted: what is, what fstab says, whose they are. */
  readonly folders?: Readonly<Record<string, FolderFacts | undefined>>;
  /** Labels of the folders that PostgreSQL must be let into; none where SELinux does not enforce. */
  readonly labels?: Readonly<Record<string, LabelFacts | undefined>>;
  /** The device for the data, if the file names one. */
  readonly storage?: StorageFacts | undefined;
  readonly routes?: readonly { readonly to: string; readonly via: string }[];
  readonly vipAnswers: boolean;
  /** The mark of the region's WAL archive, as the server's user reads it here. */
  readonly archive?: { readonly systemId: string; readonly id: string } | undefined;
  /** Of the programs of the region's own archive commands, those that the server's user may run. */
  readonly runs?: readonly string[];
  readonly cluster: { readonly status: Cluster; readonly configuration: Configuration } | undefined;
};

export type Facts = { readonly hosts: Readonly<Record<string, HostFacts>> };

/** The facts of a node. */
export function on(facts: Facts, name: string): HostFacts {
  const host = facts.hosts[name];
  if (host === undefined) throw new Error(`no facts about ${name}`);
  return host;
}

/** What any node's Pacemaker says about the cluster. */
export function clusterOf(facts: Facts): HostFacts['cluster'] {
  return Object.values(facts.hosts).find((host) => host.cluster !== undefined)?.cluster;
}
