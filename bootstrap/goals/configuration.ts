// Goals on Pacemaker's configuration: what is missing is put into a copy, and the cluster is given the difference, at once.
import type { Argv } from '../../lib/host/exec.ts';
import { emptyConfiguration } from '../../lib/pacemaker/configuration.ts';
import * as pcs from '../../lib/pacemaker/pcs.ts';
import type { Context } from '../context.ts';
import { clusterOf, type Facts } from '../facts.ts';
import type { Command, Goal } from '../goal.ts';
import { differences, mendCommands, type Difference } from '../pacemaker/differences.ts';
import { wantedConfiguration } from '../pacemaker/wanted.ts';

/** All differences; before there is a cluster, all that is wanted. */
function found({ spec, layout }: Context, facts: Facts): Difference[] {
  const configuration = clusterOf(facts)?.configuration ?? emptyConfiguration;
  return differences(wantedConfiguration(spec, layout), configuration);
}

const gentle = (all: readonly Difference[]) => all.filter(({ restarts }) => restarts === undefined);
const restarting = (all: readonly Difference[]) => all.filter(({ restarts }) => restarts !== undefined);
const said = (all: readonly Difference[]) => all.flatMap(({ says }) => says);

export function configured(context: Context): Goal {
  return {
    id: 'cluster/configured',
    says: 'Pacemaker has the fence device, the virtual IP, PostgreSQL and their constraints',
    lacks: (facts) =>
      clusterOf(facts) === undefined ? ['Pacemaker does not answer'] : said(gentle(found(context, facts))),
    commands: (facts) => pushed(context, gentle(found(context, facts))),
  };
}

/** Parameters of what runs already: Pacemaker restarts it for them. */
export function reconfigured(context: Context): Goal {
  const open = (facts: Facts) => (clusterOf(facts) === undefined ? [] : restarting(found(context, facts)));
  return {
    id: 'cluster/parameters',
    says: 'PostgreSQL and the virtual IP have the parameters of the file',
    restarts: (facts) => [...new Set(open(facts).flatMap(({ restarts }) => restarts ?? []))],
    lacks: (facts) => said(open(facts)),
    commands: (facts) => pushed(context, open(facts)),
  };
}

type Files = { readonly original: string; readonly changed: string };
const files: Files = { original: '/run/cfha-original.xml', changed: '/run/cfha-changed.xml' };
const planFiles: Files = { original: '/run/cfha-plan-original.xml', changed: '/run/cfha-plan-changed.xml' };

function onCopy({ layout, dialect }: Context, { original, changed }: Files, all: readonly Difference[]): Command[] {
  const run = (says: string, argv: Argv): Command => ({ on: layout.first.name, says, run: argv });
  return [
    run('save the configuration', pcs.saveCib(original)),
    run('copy it', ['cp', '-f', original, changed]),
    ...mendCommands(all, pcs.onFile(changed, dialect)).map((argv) =>
      run(`on the copy: ${argv.slice(3, 6).join(' ')}`, argv),
    ),
  ];
}

function pushed(context: Context, all: readonly Difference[]): Command[] {
  const { original, changed } = files;
  const run = (says: string, argv: Argv): Command => ({ on: context.layout.first.name, says, run: argv });
  return [
    ...onCopy(context, files, all),
    run('give the cluster the difference', pcs.pushCib(changed, original)),
    run('remove the copies', ['rm', '-f', original, changed]),
  ];
}

/** The commands that print the difference without giving it to the cluster: for the plan. */
export function differenceCommands(context: Context, facts: Facts): Command[] {
  const { original, changed } = planFiles;
  // crm_diff exits with 1 if there is a difference.
  const compare = ['sh', '-c', 'crm_diff -o "$1" -n "$2"; rm -f "$1" "$2"', 'compare', original, changed] as const;
  return [
    ...onCopy(context, planFiles, found(context, facts)),
    { on: context.layout.first.name, says: 'compare', run: compare },
  ];
}
