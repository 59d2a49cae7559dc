// Names of files that bootstrap puts onto the nodes.
import type { Layout } from './layout.ts';

export const executablePath = '/usr/sbin/cfha';
export const agentLink = '/usr/lib/ocf/resource.d/custom/cfpgsql';
export const fencingPassword = '/etc/cfha/fencing.password';
/** Prints the password: fence agents run it, so that the password is in no configuration. */
export const fencingScript = '/etc/cfha/fencing-password';
/** Puts our firewall rules into force. */
export const firewallScriptPath = '/etc/cfha/firewall';
export const firewallUnit = 'cfha-firewall.service';
export const firewallUnitPath = `/etc/systemd/system/${firewallUnit}`;
export const accessRules = (layout: Layout): string => `${layout.data}/pg_hba.conf`;
export const serverSettings = (layout: Layout): string => `${layout.data}/cfha.conf`;

/** The files that a look compares with what they should be. */
export function filesOnNodes(layout: Layout): string[] {
  return [
    fencingPassword,
    fencingScript,
    firewallScriptPath,
    firewallUnitPath,
    layout.passfile,
    serverSettings(layout),
    accessRules(layout),
  ];
}
