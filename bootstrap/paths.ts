// Names of files that bootstrap puts onto the nodes.
import { devicesOf, passwordFile, passwordScript } from './devices.ts';
import type { Layout } from './layout.ts';
import type { Spec } from './spec.ts';

export const executablePath = '/usr/sbin/cfha';
/** What Pacemaker calls: meta/launcher.ts. */
export const agentPath = '/usr/lib/ocf/resource.d/custom/cfpgsql';
/** Puts our firewall rules into force. */
export const firewallScriptPath = '/etc/cfha/firewall';
export const firewallUnit = 'cfha-firewall.service';
export const firewallUnitPath = `/etc/systemd/system/${firewallUnit}`;
/** Makes a node's routes. */
export const routesScriptPath = '/etc/cfha/routes';
export const routesUnit = 'cfha-routes.service';
export const routesUnitPath = `/etc/systemd/system/${routesUnit}`;
/** Rotates the server's log, if the file asks for logrotate. */
export const logrotatePath = '/etc/logrotate.d/cfha-postgresql';
export const accessRules = (layout: Layout): string => `${layout.data}/pg_hba.conf`;
export const serverSettings = (layout: Layout): string => `${layout.data}/cfha.conf`;

/** The files that a look compares with what they should be. */
export function filesOnNodes(spec: Spec, layout: Layout): string[] {
  const secret = devicesOf(spec).filter(({ hasPassword }) => hasPassword);
  return [
    agentPath,
    ...secret.flatMap((device) => [passwordFile(device), passwordScript(device)]),
    firewallScriptPath,
    firewallUnitPath,
    ...(spec.nodes.some(({ routes }) => routes.length > 0) ? [routesScriptPath, routesUnitPath] : []),
    ...(spec.postgres.log.rotate === 'logrotate' ? [logrotatePath] : []),
    layout.passfile,
    serverSettings(layout),
    accessRules(layout),
  ];
}
