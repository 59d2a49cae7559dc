// Programs that restart or update the cluster's services by themselves.
import { judgeAll } from '../../../verify/checks.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNode, aPlatform, facts } from '../../unit/verify/pretend-nodes.ts';
import type { FunctionCase } from '../case.ts';
import type { Platform } from '../../../verify/platform.ts';

const verdictOf = (code: string, platform: Partial<Platform>): string => {
  const nodes = [aNode('db1', { platform: aPlatform(platform) }), aNode('db2')];
  return judgeAll(facts({ nodes })).find((one) => one.code === code)?.verdict ?? 'missing';
};

export const cases: readonly FunctionCase[] = [
  {
    number: 30,
    kind: 8,
    setup: 'function',
    title: 'needrestart, unattended-upgrades and dnf-automatic that restart the cluster are found',
    before: 'Nothing looked at them, and no page named them.',
    core: true,
    play: () => {
      const needrestart = { mode: 'a', units: ['corosync.service', 'pacemaker.service'] };
      const all: readonly (readonly [string, string, Partial<Platform>])[] = [
        ['NEEDRESTART', 'broken', { needrestart }],
        ['NEEDRESTART', 'held', { needrestart: { mode: 'a', units: [] } }],
        ['UNATTENDED_UPGRADES', 'broken', { upgrades: { by: 'apt', except: [] } }],
        ['UNATTENDED_UPGRADES', 'held', { upgrades: { by: 'apt', except: ['corosync', 'pacemaker', 'postgresql'] } }],
        ['UNATTENDED_UPGRADES', 'broken', { upgrades: { by: 'dnf', except: ['corosync*', 'pacemaker*'] } }],
        ['UNATTENDED_UPGRADES', 'held', { upgrades: { by: 'dnf', except: ['corosync*', 'pacemaker*', 'postgresql*'] } }],
      ];
      for (const [code, verdict, platform] of all)
        expect(verdictOf(code, platform) === verdict, `${code} is not ${verdict} with ${JSON.stringify(platform)}`);
      return Promise.resolve('cfha verify reports NEEDRESTART and UNATTENDED_UPGRADES until the services are left out.');
    },
  },
]; // prettier-ignore
