// Databases whose indexes were made with another version of the C library than the nodes have.
import { spawnSync } from 'node:child_process';
import { judgeAll } from '../../../verify/checks.ts';
import type { NodeFacts } from '../../../verify/facts.ts';
import { nodeScript } from '../../../verify/node-script.ts';
import { readNode } from '../../../verify/read-node.ts';
import { expect } from '../../scenarios/waiting.ts';
import { aNode, aPlatform, facts } from '../../unit/verify/pretend-nodes.ts';
import type { FunctionCase, ServersCase } from '../case.ts';
import type { Cluster } from '../servers.ts';

function judged(code: string, nodes: readonly NodeFacts[]): string {
  const found = judgeAll(facts({ nodes })).find((one) => one.code === code);
  if (found?.verdict !== 'broken' || found.severity !== 'critical') throw new Error(`${code} is ${found?.verdict}`);
  return `${found.evidence.join('; ')}: ${found.remedy}`;
}

/** What the script of cfha verify reads of n1's server. */
function asked(pair: Cluster): NodeFacts {
  const { cib } = facts();
  const attributes = {
    ...cib.postgres.attributes,
    ...{ pgdata: pair.data('n1'), socketdir: pair.sockets('n1'), pgport: pair.side.parameters['pgport'] ?? '5432' },
    pgctl: `${pair.side.rig.programs}/pg_ctl`,
  };
  const text = nodeScript({ ...cib, primitives: [], postgres: { ...cib.postgres, attributes } });
  const { status, stdout, stderr } = spawnSync('bash', ['-s'], { input: text, encoding: 'utf8' });
  return readNode('db1', { code: status ?? undefined, stdout, stderr }, { askedMs: 0, answeredMs: 0, saysMs: 0 });
}

export const cases: readonly (FunctionCase | ServersCase)[] = [
  {
    number: 20,
    kind: 8,
    setup: 'function',
    title: 'the nodes have different versions of glibc: cfha verify reports it as critical',
    before: 'Nothing compared the libraries that sort text.',
    core: true,
    play: () => {
      const nodes = [aNode('db1'), aNode('db2', { platform: aPlatform({ libraries: { glibc: '2.41', ICU: '76' } }) })];
      return Promise.resolve(`${judged('GLIBC_ALIKE', nodes)}.`);
    },
  },
  {
    number: 20,
    kind: 8,
    setup: 'servers',
    title: 'a database has another version of its collation recorded than its server has: cfha verify names both',
    before: 'Nothing read the recorded versions.',
    core: true,
    play: async ({ cluster }) => {
      const pair = await cluster({ mode: 'async' });
      await pair.replicates();
      const [database] = await pair.ask<{ name: string }>('n1', "select current_setting('server_version') as name");
      expect(Number.parseInt(database?.name ?? '') >= 15, 'PostgreSQL records a version from 15 on');
      expect(asked(pair).platform.collations.length === 0, 'there is a difference before one is made');
      await pair.ask(
        'n1',
        `create database "it's new" template template0 encoding utf8 locale_provider icu icu_locale 'de' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`,
      );
      await pair.ask('n1', "update pg_database set datcollversion = '2.28' where datname = 'it''s new'");
      const told = judged('COLLATIONS', [asked(pair)]);
      expect(/database it's new: recorded 2\.28, here \d/.test(told), told);
      return `${told}.`;
    },
  },
];
