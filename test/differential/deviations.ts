// Differences that can show in any scenario. docs/deviations.md lists all, these and those that scenarios name.
import type { Deviation } from './compare.ts';

export const everywhere: readonly Deviation[] = [
  // Only start prepares files; validation, probes and monitors change nothing.
  { id: 'D01', where: /^(?!start on).* · file [^ /]+\/(data\/postgresql\.conf|tmp owner and mode)$/ },
  // recovery.conf may hold a password.
  { id: 'D02', where: / · file [^ /]+\/tmp\/recovery\.conf owner and mode$/ },
  // A server has no need of its resource's parameters, and is not to be ended for want of memory.
  { id: 'D53', where: / · server [^ /]+ inherited$/ },
  { id: 'D54', where: / · server [^ /]+ oom$/ },
  // Two resources in one tmpdir are told by a mark in it.
  { id: 'D56', where: / · file [^ /]+\/tmp\/cfpgsql\.resource/ },
  // A stop that was interrupted after the server's end is completed when it is called again.
  { id: 'D03', where: /^stop on .* · (file n\d\/tmp\/rep_mode\.conf|attribute \S+ cfpgsql-master-baseline)/ },
  { id: 'D03', where: /^(stop|start) on .* · writes$/, lines: /cfpgsql-master-baseline \(reboot\) deleted$/ },
];
