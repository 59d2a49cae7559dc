// cfha serve with real servers, as traffic managers ask it:  scripts/with-node test/health/run.ts [--core] [--case TEXT] [--jobs N]
import { parseArgs } from 'node:util';
import { install } from '../differential/programs.ts';
import { enclosed } from '../differential/rig.ts';
import { playTests, type Played } from '../executable/play.ts';
import { behindHaproxy } from './haproxy.ts';
import { cfha, endSite, makeSite } from './site.ts';
import { tests, type HealthTest } from './tests.ts';

const { values: options } = parseArgs({
  options: {
    core: { type: 'boolean', default: false },
    case: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});

/** Each has a site of its own. */
const onSite = (test: HealthTest): Played => ({
  name: test.name,
  run: async (rig, n) => {
    const site = makeSite(rig, `t${n}`);
    return test.run(site).finally(() => endSite(site));
  },
});

async function main(): Promise<void> {
  cfha();
  const chosen = [...tests, behindHaproxy].filter(
    (one) => one.name.includes(options.case) && (one.core || !options.core),
  );
  await playTests(chosen.map(onSite), { jobs: Number(options.jobs), prefix: '/var/tmp/cfs-' });
}

await enclosed(() => install({ postgresql: '/usr/lib/postgresql', haproxy: '/usr/sbin/haproxy' }), main);
