// Every scenario, in the order in which they are played.
import type { Scenario } from '../scenario.ts';
import { golden } from './golden.ts';

export function allScenarios(): Scenario[] {
  return [...golden];
}
