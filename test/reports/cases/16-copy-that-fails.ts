// A copy that can never end: pg_basebackup meets a file on the primary that it cannot read.
import { expect, waitUntil } from '../../scenarios/waiting.ts';
import { sleep } from '../../testbed/processes.ts';
import type { TestbedCase } from '../case.ts';

const data = '/var/lib/postgresql/15/main';
const unreadable = `${data}/base/root-only`;

export const cases: readonly TestbedCase[] = [
  {
    number: 16,
    kind: 8,
    setup: 'testbed',
    title: 'a copy that fails in the same way is not begun a third time without an administrator',
    before: 'Each start began a new copy of the whole database, which failed at the same file, for ever.',
    core: false,
    play: async ({ region }) => {
      const { primary, standby } = region;
      const copies = async (): Promise<number> =>
        (await region.agentLines(standby)).filter((line) => line.includes('step: copy primary')).length;
      const reason = async (): Promise<string> =>
        /COPY_FAILS[^"]*/.exec(await region.sh(primary, 'cibadmin --query --xpath //status || true'))?.[0] ?? '';
      const before = await copies();
      await region.sh(primary, `touch ${unreadable}; chmod 600 ${unreadable}; chown root: ${unreadable}`);
      await region.sh(primary, 'pcs resource update postgresql rejoin=rewind,clone --wait=120');
      await region.untilStreaming(120);
      // Nothing but a copy makes a standby of this node again.
      await region.cfha(standby, 'standby', standby, '--yes');
      await region.sh(standby, `find ${data} -mindepth 1 -delete`);
      await region.sh(primary, `pcs node unstandby ${standby}`);
      for (let tries = 0; tries < 4 && (await reason()) === ''; tries++) {
        await region.sh(primary, 'crm_resource --cleanup --resource postgresql || true');
        await sleep(15_000);
      }
      await waitUntil('the agent reports that copies fail', async () => (await reason()) !== '', 60);
      const failed = (await copies()) - before;
      for (let tries = 0; tries < 3; tries++) {
        await region.sh(primary, 'crm_resource --cleanup --resource postgresql || true');
        await sleep(10_000);
      }
      expect((await copies()) - before === failed, `a further copy was begun: ${(await copies()) - before}`);
      const words = await reason();
      expect(words.includes('root-only'), `the message does not name the file: ${words}`);
      expect(words.includes('failed 2 times'), `not after two copies: ${words}`);
      await region.sh(primary, `rm ${unreadable}`);
      const again = await region.cfha(standby, 'rejoin', standby, '--clone', '--yes');
      await region.untilStreaming(120);
      expect(again.code === 0, again.text);
      return `After ${failed} copies it ends with COPY_FAILS and the file's name; repaired, cfha rejoin --clone brings the standby back.`;
    },
  },
];
