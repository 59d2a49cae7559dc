import { describe, expect, it } from '@jest/globals';
import { crossChecks } from '../../../bootstrap/cross-checks.ts';
import { hostFindings } from '../../../bootstrap/findings/hosts.ts';
import type { Command } from '../../../bootstrap/goal.ts';
import { packages, type Surveys } from '../../../bootstrap/goals/packages.ts';
import { reach, type World } from '../../../bootstrap/reach.ts';
import { programsOf, type Survey } from '../../../bootstrap/survey.ts';
import { aFile, aSpec, aSurvey } from './pretend-hosts.ts';

const spec = aSpec({ packages: 'install', postgres: { ...aFile.postgres, version: 15 } });
const all = programsOf(spec);
const complete: Survey = { ...aSurvey, programs: all };
const bare: Survey = { ...aSurvey, programs: ['flock', 'runuser', 'sha256sum', 'install', 'chpasswd'], servers: {}, postgresIds: undefined }; // prettier-ignore
const [goal] = packages(spec);
if (goal === undefined) throw new Error('no goal');
const wanted = goal;

/** Hosts whose package managers do what they are told. */
class PretendPackages implements World<Surveys> {
  readonly story: string[] = [];
  killAfter = Infinity;
  surveys: Surveys;
  readonly mayRestart = false;
  constructor(surveys: Surveys) {
    this.surveys = surveys;
  }
  look = () => Promise.resolve({ facts: this.surveys });
  act = ({ on, says, run }: Command) => {
    if (this.story.length >= this.killAfter) throw new Error('killed');
    this.story.push(`${on}: ${says}`);
    expect(run.slice(0, 4)).toEqual(['sh', '-euc', expect.stringMatching(/apt-get|dnf/), 'packages']);
    this.surveys = { ...this.surveys, [on]: { ...complete, family: this.surveys[on]?.family ?? 'other' } };
    return Promise.resolve(undefined);
  };
  wait = () => Promise.resolve();
  seconds = () => 0;
  stopping = () => false;
  tell = () => undefined;
  evidence = () => Promise.resolve('');
}

const both = (one: Survey, other = one): Surveys => ({ db1: one, db2: { ...other, name: 'db2' } });

describe('packages', () => {
  it('are a goal only if the file asks for them', () => {
    expect(packages(aSpec())).toEqual([]);
  });

  it('that are there are left alone', () => {
    expect(wanted.lacks(both(complete))).toEqual([]);
    expect(wanted.commands(both(complete))).toEqual([]);
  });

  it('of a bare host are told one by one, and installed at once, each in its family’s words', () => {
    const redhat: Survey = { ...bare, family: 'redhat', system: 'rhel 9.4' };
    expect(wanted.lacks(both(complete, bare))).toContain('db2: no PostgreSQL 15');
    expect(wanted.lacks(both(complete, bare))).toContain('db2: no cibadmin');
    expect(wanted.commands(both(bare, redhat)).map(({ on, run }) => [on, ...run.slice(4)])).toEqual([
      ['db1', '15', 'pcs', 'corosync', 'pacemaker', 'pacemaker-cli-utils', 'resource-agents', 'fence-agents'],
      ['db2', '15', 'pcs', 'corosync', 'pacemaker', 'pacemaker-cli', 'resource-agents', '/usr/sbin/fence_vmware_soap'],
    ]);
  });

  it('of a system that cfha does not know are a person’s', () => {
    expect(wanted.commands(both({ ...bare, family: 'other' }))).toEqual([]);
  });

  it.each(all)('are installed for %s alone, if it alone is missing', (program) => {
    const survey = { ...complete, programs: all.filter((one) => one !== program) };
    const [command, ...more] = wanted.commands(both(complete, survey));
    expect(command).toMatchObject({ on: 'db2' });
    expect(command?.run.slice(4)).toEqual(['', expect.stringMatching(/^[a-z-]+$/)]);
    expect(more).toEqual([]);
  });

  it('are there afterwards; a second run installs nothing; killed before any command it goes on', async () => {
    const whole = new PretendPackages(both(bare));
    expect(await reach([wanted], whole.surveys, whole)).toMatchObject({ ended: 'done', executed: 2 });
    expect(wanted.lacks(whole.surveys)).toEqual([]);
    expect(await reach([wanted], whole.surveys, whole)).toMatchObject({ ended: 'done', executed: 0 });
    for (const n of [0, 1]) {
      const world = new PretendPackages(both(bare));
      world.killAfter = n;
      await expect(reach([wanted], world.surveys, world)).rejects.toThrow('killed');
      world.killAfter = Infinity;
      expect(await reach([wanted], world.surveys, world)).toMatchObject({ ended: 'done', executed: 2 - n });
      expect(world.surveys).toEqual(whole.surveys);
    }
  });

  it('that the nodes’ sources do not have leave the goal open, with what is missing', async () => {
    const world = new PretendPackages(both(complete, bare));
    world.act = () => Promise.resolve(undefined);
    const report = { code: 'NOT_REACHED', goal: 'nodes/packages', lacks: expect.stringContaining('db2: no corosync') as unknown };
    expect(await reach([wanted], world.surveys, world)).toMatchObject({ ended: 'failed', report });
  }); // prettier-ignore

  it('that a person is to install are named by the finding', () => {
    const [finding] = hostFindings('db1', { ...complete, programs: all.filter((one) => one !== 'crm_diff') }, { spec, arch: 'x64' }); // prettier-ignore
    expect(finding).toMatchObject({ code: 'PROGRAM_MISSING', programs: 'crm_diff', packages: 'pacemaker-cli-utils' });
  });

  it('need a version of the server that is the same again and again', () => {
    expect(crossChecks({ ...aFile, packages: 'install' })).toEqual([expect.objectContaining({ path: 'postgres.version' })]);
    expect(crossChecks({ ...aFile, packages: 'install', postgres: { ...aFile.postgres, version: 15 } })).toEqual([]);
  }); // prettier-ignore

  it('are asked for by what they are for', () => {
    const more = aSpec({
      storage: { device: '/dev/sdb', filesystem: 'xfs', lvm: { group: 'vg', volume: 'pg' } },
      firewall: { program: 'nftables' },
      postgres: { ...aFile.postgres, log: { rotate: 'logrotate' }, archive: { directory: '/srv/wal', mount: { from: 'filer:/wal' } } },
    });
    expect(programsOf(more).filter((one) => !all.includes(one))).toEqual(['nft', 'mkfs.xfs', 'vgcreate', 'mount.nfs', 'logrotate']);
  }); // prettier-ignore
});
