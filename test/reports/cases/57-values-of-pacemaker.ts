// Pacemaker's values: every word for a boolean, and both names of an option.
import { readView } from '../../../cli/region/view.ts';
import { readCluster } from '../../../lib/pacemaker/cib.ts';
import { expect } from '../../scenarios/waiting.ts';
import type { FunctionCase } from '../case.ts';

const cib = (name: string, value: string) => `<cib have-quorum="1"><configuration>
  <crm_config><cluster_property_set id="o"><nvpair id="p" name="${name}" value="${value}"/></cluster_property_set></crm_config>
  <nodes/><resources><primitive id="pg" class="ocf" provider="custom" type="cfpgsql"/></resources></configuration><status/></cib>`;

export const cases: readonly FunctionCase[] = [
  {
    number: 57,
    kind: 10,
    setup: 'function',
    title: 'cfha and the agent read the same in every value that Pacemaker takes',
    before: 'stonith-enabled=off, no, 0 and fencing-enabled=false were "fencing is on" to cfha status, and off to the agent.',
    core: true,
    play: () => {
      const words = { off: ['false', 'off', 'no', 'n', '0', 'No', 'OFF'], on: ['true', 'on', 'yes', 'y', '1', 'True'] };
      for (const name of ['stonith-enabled', 'fencing-enabled'])
        for (const value of [...words.off, ...words.on]) {
          const answer = { code: 0, stdout: cib(name, value), stderr: '' };
          const read = [readView(answer, 'pg').stonith, readCluster(answer, 'pg').fencing];
          const right = words.on.includes(value);
          expect(read.every((one) => one === right), `${name}=${value} is read as ${read.join(' and ')}`);
        }
      return Promise.resolve('Both read each word, under either name, as Pacemaker does.');
    },
  },
]; // prettier-ignore
