// cfha global verify, on the traffic manager's host: every drill on the pair, and one that is interrupted.
import { pairDrills } from '../../verify/pair/drills.ts';
import { expect, waitUntil } from '../scenarios/waiting.ts';
import type { Case } from './cases.ts';
import { passSignal } from '../testbed/processes.ts';
import { gtm, untilStandby, type Pair } from './pair.ts';

type Report = Readonly<{
  verdict: { code: number; says: string };
  checks: readonly { code: string; verdict: string; evidence: readonly string[] }[];
  drills: readonly { name: string; verdict: string; because: readonly string[]; played?: { measure: { longestGap: number; lost?: number } } }[];
  changed: readonly string[] | null;
}>; // prettier-ignore

async function verified(pair: Pair, more: string): Promise<Report> {
  const { code, stdout, stderr } = await pair.on(gtm, ['sh', '-c', `cd /root; cfha global verify --json ${more}`], { timeoutMs: 1_500_000 }); // prettier-ignore
  pair.say(stderr.trim());
  expect(stdout.startsWith('{'), `exit code ${code}, and no report: ${stdout}${stderr}`);
  const report = JSON.parse(stdout) as Report;
  const broken = report.checks.filter(({ verdict }) => verdict === 'broken');
  for (const { code: which, evidence } of broken) pair.say(`   ${which}: ${evidence.join('; ')}`);
  expect(code === 0 && report.verdict.code === 0, `exit code ${code}: ${report.verdict.says}`);
  return report;
}

const schemas = `runuser -u postgres -- psql -XAtq -d vmdb_production -c "select count(*) from pg_namespace where nspname = 'cfha_verify'"`;

const leftOver = `ls -d /var/lib/cfha/verify 2>/dev/null || true; nft list tables | grep cfha_verify || true
systemctl list-timers --no-legend cfha-verify-undo.timer`;

/** Nothing of the drills is left on the sites. */
async function nothingLeft(pair: Pair): Promise<void> {
  expect((await pair.sh('db1', schemas)).trim() === '0', 'the schema of the drills is left');
  for (const node of ['db1', 'db2'] as const) {
    const left = await pair.sh(node, leftOver);
    expect(left.trim() === '', `${node}: left is ${left}`);
  }
}

export const verifications: readonly Case[] = [
  {
    ...{ name: 'cfha global verify --static says that all is as it must be', core: false, gap: 10, lossless: true, person: '' },
    play: async (pair) => {
      await untilStandby(pair, 'db2', 30);
      const { checks } = await verified(pair, '--static');
      pair.say(`   ${checks.length} checks: ${checks.map(({ code, verdict }) => `${code} ${verdict}`).join(', ')}`);
    },
  },
  {
    ...{ name: 'cfha global verify plays every drill, and all is as it was', core: false, lossless: false, person: 'done by verify' },
    play: async (pair) => {
      await untilStandby(pair, 'db2', 30);
      const { drills, changed } = await verified(pair, '--yes --html report.html --junit report.xml');
      expect(drills.length === pairDrills.length && drills.every(({ verdict }) => verdict === 'held'), 'not every drill held');
      expect(changed?.length === 0, `not as it was: ${changed?.join('; ') ?? 'not compared'}`);
      const html = await pair.sh(gtm, 'cat /root/report.html');
      expect((html.match(/<svg/g) ?? []).length === pairDrills.length, 'the page does not draw every drill');
      expect((await pair.sh(gtm, 'grep -c "<testcase" /root/report.xml')).trim() !== '0', 'no test cases');
      await nothingLeft(pair);
    },
  },
  {
    ...{ name: 'cfha global verify is interrupted while the line is cut: it is mended', core: false, gap: 10, lossless: true, person: '' },
    play: async (pair) => {
      await untilStandby(pair, 'db2', 30);
      const child = pair.testbed.start(gtm, ['cfha', 'global', 'verify', '--yes', '--only', 'line'], { stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      let text = '';
      child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
      await waitUntil('the line is cut', () => Promise.resolve(text.includes('goes on for')), 60);
      passSignal(child, 'SIGINT');
      const code = await ended;
      expect(code === 130, `exit code ${String(code)}: ${text}`);
      await nothingLeft(pair);
    },
  },
]; // prettier-ignore
