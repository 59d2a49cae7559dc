import { describe, expect, it } from '@jest/globals';
import { letIn } from '../../../global/other-firewall.ts';
import { schema } from '../../../global/spec.ts';
import type { Exec, Result } from '../../../lib/host/exec.ts';

const spec = (firewall: string) =>
  schema.parse({
    first: { host: 'db1', address: '10.77.0.11' },
    second: { host: 'db2', address: '10.77.0.12' },
    database: { name: 'vmdb', user: 'app', passfile: '/pgpass' },
    postgres: { programs: '/bin', data: '/data', service: 'postgresql' },
    gate: { firewall },
  });

/** A firewall that answers each call in turn; what it was called with. */
function answering(...codes: readonly (number | Partial<Result>)[]) {
  const calls: string[] = [];
  const exec: Exec = ({ argv }) => {
    const answer = codes[calls.length] ?? 0;
    calls.push(argv.join(' '));
    return Promise.resolve({ stdout: '', stderr: '', code: 0, ...(typeof answer === 'number' ? { code: answer } : answer) });
  };
  return { calls, exec };
} // prettier-ignore

describe('the host’s own firewall', () => {
  it('is left alone where it is nftables, whose file is the administrator’s', async () => {
    const { calls, exec } = answering();
    expect(await letIn(spec('nftables'), exec)).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it.each(['iptables', 'firewalld'])('%s that lets the port in is asked, and not changed', async (firewall) => {
    const { calls, exec } = answering(0);
    expect(await letIn(spec(firewall), exec)).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it('iptables gets one rule, before all others', async () => {
    const { calls, exec } = answering(1);
    expect(await letIn(spec('iptables'), exec)).toEqual([
      'INFO',
      'Port 5432 is open in iptables now: the gate decides',
    ]);
    expect(calls.at(-1)).toBe('iptables -w -I INPUT -p tcp --dport 5432 -m comment --comment cfha global -j ACCEPT');
  });

  it('firewalld opens the port for now and for every boot', async () => {
    const { calls, exec } = answering(1);
    expect(await letIn(spec('firewalld'), exec)).toEqual(['INFO', 'Port 5432 is open in firewalld now: the gate decides']);
    expect(calls.slice(1)).toEqual(['firewall-cmd -q --add-port=5432/tcp', 'firewall-cmd -q --permanent --add-port=5432/tcp']);
  }); // prettier-ignore

  it.each<[string, Partial<Result>, string]>([
    ['says no', { code: 252, stderr: 'FirewallD is not running\n' }, 'FirewallD is not running'],
    ['says nothing', { code: 4 }, 'exit code 4'],
    ['is not there', { code: undefined, failure: 'not found' }, 'not found'],
  ])('that %s is told with its words', async (_, answer, words) => {
    const said = await letIn(spec('firewalld'), answering(1, answer).exec);
    expect(said).toEqual(['WARNING', `firewalld does not open port 5432, so nobody reaches the gate: ${words}`]);
  });
});
