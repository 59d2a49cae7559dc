// All that the goals are made from: what the file says, where things lie, what is secret, what the files on the nodes hold.
import { randomBytes } from 'node:crypto';
import { sha256, type PlacedFile } from '../lib/host/files.ts';
import { archiveTexts } from './archive.ts';
import { launcherText } from '../meta/launcher.ts';
import type { Dialect } from '../lib/pacemaker/dialect.ts';
import { devicesOf, passwordFile, passwordScript } from './devices.ts';
import type { Layout } from './layout.ts';
import { firewallScript, firewallUnitText } from './firewall.ts';
import {
  accessRules,
  agentPath,
  executablePath,
  firewallScriptPath,
  firewallUnitPath,
  serverSettings,
} from './paths.ts';
import { routeTexts } from './provision.ts';
import type { Passwords } from './read-secrets.ts';
import { verifier } from './scram.ts';
import { accessText, logTexts, settingsText } from './server-files.ts';
import type { Spec } from './spec.ts';

export type WantedFile = PlacedFile & {
  readonly content: string;
  readonly sha256: string;
  readonly says: string;
  readonly folderMode?: string;
};

export type Executable = { readonly path: string; readonly bytes: number; readonly sha256: string };

export type Context = {
  readonly spec: Spec;
  readonly layout: Layout;
  readonly passwords: Passwords;
  /** How this release of pcs and Pacemaker is spoken to. */
  readonly dialect: Dialect;
  /** What hacluster's password becomes: nobody needs to know it once the nodes have been authenticated. */
  readonly hacluster: string;
  readonly verifiers: { readonly replication: string; readonly owner: string };
  readonly executable: Executable;
  /** What Pacemaker calls, and becomes the executable. */
  readonly agentFile: WantedFile;
  /** Files outside the data directory. */
  readonly secretFiles: readonly WantedFile[];
  /** Files of the firewall; none if the file does not ask for one. */
  readonly firewallFiles: readonly WantedFile[];
  /** Files of each node's routes. */
  readonly routeFiles: Readonly<Record<string, readonly WantedFile[] | undefined>>;
  /** Files that rotate the server's log. */
  readonly logFiles: readonly WantedFile[];
  /** Files in the data directory: settings and access rules. */
  readonly serverFiles: readonly WantedFile[];
  /** Files of the WAL archive, outside the data directory. */
  readonly archiveFiles: readonly WantedFile[];
};

/** Makes the context of one run. */
export function contextOf(given: Pick<Context, 'spec' | 'layout' | 'passwords' | 'dialect' | 'executable'>): Context {
  const { spec, layout, passwords } = given;
  const { replication, port } = spec.postgres;
  // Any database: pg_rewind, unlike a standby, connects to one.
  const pgpass = [String(port), '*', replication.user, passwords.replication].map(escaped).join(':');
  return {
    ...given,
    hacluster: randomBytes(24).toString('base64url'),
    verifiers: { replication: verifier(passwords.replication), owner: verifier(passwords.owner) },
    agentFile: wanted({ path: agentPath, mode: '0755', owner: 'root', content: launcherText(executablePath), says: 'the resource agent' }), // prettier-ignore
    secretFiles: [
      ...devicesOf(spec).filter(({ hasPassword }) => hasPassword).flatMap((device) => [
        wanted({ path: passwordFile(device), mode: '0600', owner: 'root', content: `${passwords.fencing[device.name] ?? ''}\n`, says: 'the fence device’s password' }),
        wanted({ path: passwordScript(device), mode: '0700', owner: 'root', content: `#!/bin/sh\nexec cat ${passwordFile(device)}\n`, says: 'the script that gives it to fence agents' }),
      ]),
      wanted({ path: layout.passfile, mode: '0600', owner: 'postgres', content: `*:${pgpass}\n`, says: 'the replication password', folderMode: '0700' }),
    ], // prettier-ignore
    archiveFiles: archiveTexts(spec, layout).map(wanted),
    firewallFiles: firewallFiles(spec),
    routeFiles: Object.fromEntries(spec.nodes.map((node) => [node.name, routeTexts(node).map(wanted)])),
    logFiles: logTexts(spec, layout).map(wanted),
    serverFiles: [
      wanted({ path: serverSettings(layout), mode: '0600', owner: 'postgres', content: settingsText(spec), says: 'the server’s settings' }),
      wanted({ path: accessRules(layout), mode: '0600', owner: 'postgres', content: accessText(spec), says: 'the server’s access rules' }),
    ], // prettier-ignore
  };
}

function firewallFiles(spec: Spec): WantedFile[] {
  const program = spec.firewall?.program;
  if (program === undefined) return [];
  return [
    wanted({ path: firewallScriptPath, mode: '0700', owner: 'root', content: firewallScript(spec, program), says: 'the firewall’s rules' }),
    wanted({ path: firewallUnitPath, mode: '0644', owner: 'root', content: firewallUnitText(program), says: 'its unit' }),
  ]; // prettier-ignore
}

function wanted(file: Omit<WantedFile, 'sha256' | 'bytes'>): WantedFile {
  return { ...file, bytes: Buffer.byteLength(file.content), sha256: sha256(file.content) };
}

/** A field of a password file: libpq, "The Password File". */
function escaped(field: string): string {
  return field.replaceAll(/[\\:]/g, '\\$&');
}
