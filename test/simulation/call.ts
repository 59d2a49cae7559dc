// The call of Pacemaker on a simulated node, read as the agent reads it.
import { readCall, readParameters, type Call } from '../../agent/call.ts';

export function aCall(node: string, parameters: Readonly<Record<string, string>>): Call {
  const given = { pgdata: '/data', tmpdir: '/agent', master_ip: '10.77.0.100', ...parameters };
  const resource = Object.entries(given).map(([name, value]) => [`OCF_RESKEY_${name}`, value] as const);
  const env: Record<string, string> = {
    ...Object.fromEntries(resource),
    OCF_RESOURCE_INSTANCE: 'pg',
    OCF_RESKEY_CRM_meta_interval: '3000',
    OCF_RESKEY_CRM_meta_timeout: '60000',
    OCF_RESKEY_CRM_meta_promotable: 'true',
  };
  return { ...readCall(env, readParameters(env).parameters, 60_000), node };
}
