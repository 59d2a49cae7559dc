// The goal before all others: the nodes have the programs of a region. What it knows are surveys: without programs there are
// no places yet that facts could be about.
import type { Goal } from '../goal.ts';
import { installScripts, isProgram, lacking, packagesOf } from '../packages.ts';
import type { Spec } from '../spec.ts';
import type { Survey } from '../survey.ts';

export type Surveys = Readonly<Record<string, Survey>>;

/** All packages are there; none if the file does not ask for it. */
export function packages(spec: Spec): Goal<Surveys>[] {
  if (spec.packages !== 'install') return [];
  const { version } = spec.postgres;
  return [
    {
      id: 'nodes/packages',
      says: `the programs of cluster, fence agents and PostgreSQL ${String(version ?? '')} are installed on all nodes`,
      lacks: (surveys) =>
        Object.entries(surveys).flatMap(([host, survey]) =>
          lacking(spec, survey).map(({ what }) => `${host}: no ${what}`),
        ),
      commands: (surveys) =>
        Object.entries(surveys).flatMap(([host, survey]) => {
          const lacks = lacking(spec, survey);
          if (lacks.length === 0 || survey.family === 'other') return [];
          const server = lacks.some((lack) => !isProgram(lack)) ? String(version) : '';
          const names = packagesOf(lacks);
          const told = [...(server === '' ? [] : [`PostgreSQL ${server}`]), ...names].join(', ');
          return [
            {
              on: host,
              says: `install ${told}`,
              run: ['sh', '-euc', installScripts[survey.family], 'packages', server, ...names] as const,
            },
          ];
        }),
    },
  ];
}
