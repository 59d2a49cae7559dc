// What the page of a report tells of a pair of sites besides the findings. Pure.
import type { Spec } from '../../global/spec.ts';
import { table, type Page } from '../report/html.ts';
import { escaped } from '../report/markup.ts';
import type { PairFacts } from './seen.ts';

type Known = { readonly facts: PairFacts };

export function pageOfPair({ facts }: Known, { first, second, failover, witnesses }: Spec): Page {
  const sites = [facts.first, facts.second].map((site) =>
    'silent' in site ? [escaped(site.host), escaped(site.silent), ''] : [site.host, site.told['server'] ?? '', site.told['cfha'] ?? ''].map(escaped),
  );
  const settings = [
    ['failover', `after ${String(failover.failures)} failed checks, one every ${String(failover.interval)} s`],
    ['witnesses', witnesses === undefined ? 'none' : witnesses.hosts.join(', ')],
  ].map((row) => row.map(escaped));
  return {
    title: `cfha global verify: ${first.host} and ${second.host}`,
    nodes: [first.host, second.host],
    configuration: [table(sites, ['site', 'PostgreSQL', 'cfha']), table(settings)].join('\n'),
  };
} // prettier-ignore
