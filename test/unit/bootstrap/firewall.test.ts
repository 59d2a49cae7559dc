import { describe, expect, it } from '@jest/globals';
import { firewallScript, openings } from '../../../bootstrap/firewall.ts';
import { goalsOf } from '../../../bootstrap/plan.ts';
import { regionFindings } from '../../../bootstrap/preflight.ts';
import { reach } from '../../../bootstrap/reach.ts';
import { localExec } from '../../../lib/host/local.ts';
import { aContext, aSpec, PretendHosts } from './pretend-hosts.ts';

const programs = ['nftables', 'iptables', 'firewalld'] as const;
const withFirewall = (program: (typeof programs)[number]) =>
  aSpec({ firewall: { program, administrators: ['192.168.7.0/24'] } });

describe('the firewall', () => {
  it('lets in the nodes, and to PostgreSQL the clients too', () => {
    expect(openings(withFirewall('nftables'))).toEqual([
      { protocol: 'tcp', ports: '2224', from: ['10.77.0.11', '10.77.0.12', '192.168.7.0/24'] },
      { protocol: 'udp', ports: '5404-5412', from: ['10.77.0.11', '10.77.0.12'] },
      { protocol: 'tcp', ports: '5432', from: ['10.77.0.11', '10.77.0.12', '10.77.0.100', '10.77.0.0/24'] },
    ]);
  });

  it.each(programs)('is a script of %s that a shell can read', async (program) => {
    const result = await localExec({ argv: ['sh', '-n'], input: firewallScript(withFirewall(program), program) });
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(programs)('of %s is put into force by a goal that then holds', async (program) => {
    const context = aContext(withFirewall(program));
    const hosts = new PretendHosts(context);
    expect(await reach(goalsOf(context), hosts.facts, hosts)).toMatchObject({ ended: 'done' });
    expect(hosts.story).toContain('db2: put the rules into force');
    expect(await reach(goalsOf(context), hosts.facts, hosts)).toMatchObject({ executed: 0 });
    hosts.host('db2').firewall = false;
    hosts.story.length = 0;
    await reach(goalsOf(context), hosts.facts, hosts);
    expect(hosts.story).toEqual([
      'db2: let systemd read its unit',
      'db2: enable the rules',
      'db2: put the rules into force',
    ]);
  });

  it('that is not asked for is left alone', async () => {
    const hosts = new PretendHosts(aContext());
    await reach(goalsOf(aContext()), hosts.facts, hosts);
    expect(hosts.story.filter((line) => /rules|systemd/.test(line)).filter((line) => !line.includes('access'))).toEqual(
      [],
    );
  });

  it('that is asked for may be closed before', () => {
    const port = { kind: 'udp', port: 5405, of: 'Corosync' } as const;
    const ports = { db1: [{ to: 'db2', port, state: 'silent' }] } as const;
    const told = (spec = aSpec()) => {
      const context = aContext(spec);
      return regionFindings(context, { facts: new PretendHosts(context).facts, probes: {}, ports }).map(
        ({ code }) => code,
      );
    };
    expect(told()).toEqual(['PORT_CLOSED']);
    expect(told(withFirewall('nftables'))).toEqual([]);
  });
});
