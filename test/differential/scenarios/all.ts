// Every scenario, in the order in which they are played.
import type { Scenario } from '../scenario.ts';
import { elections, notices } from './elections.ts';
import { exitCodes } from './exit-codes.ts';
import { generated, sequences } from './generated.ts';
import { golden } from './golden.ts';
import { replication } from './replication.ts';
import { safety } from './safety.ts';
import { slaves } from './slave.ts';
import { settings } from './settings.ts';
import { slots } from './slots.ts';

export function allScenarios(): Scenario[] {
  return [
    ...golden,
    ...exitCodes,
    ...slaves,
    ...safety,
    ...replication,
    ...settings,
    ...slots,
    ...elections,
    ...notices,
    ...Array.from({ length: sequences }, (_, n) => generated(n + 1)),
  ];
}
