// The file that Pacemaker calls as the resource agent. docs/decisions/0011 has the figures.

/** Tells the agent of the question that is under way: the descriptor that the answer comes through, and who writes to it. */
export const askedVariable = 'CFPGSQL_ASKED';

/**
 * The resource agent as a script for bash: it becomes the executable, under the agent's name. Before the monitor that comes every
 * few seconds it has the cluster asked (cibadmin(8), this node's copy), which takes half as long as the executable's start. A link to
 * the executable in its place does the same, some milliseconds later.
 */
export function launcherText(executable: string): string {
  return `#!/bin/bash
# The resource agent ocf:custom:cfpgsql is ${executable}, called by this name.
# While that starts, the cluster is asked what the monitor of a replicated database wants to know of it. Whoever asks has no need
# of the parameters, among which may be a password.
if [[ $1 == monitor && \${OCF_RESKEY_CRM_meta_interval:-0} != 0 && $OCF_RESKEY_rep_mode == *sync ]]; then
  exec {asked}< <(unset "\${!OCF_RESKEY_@}"; LC_ALL=C exec cibadmin --query --local 2>/dev/null)
  export ${askedVariable}="$asked $!"
fi
# A few large pages of memory are had sooner than thousands of small ones.
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.top_pad=8388608
exec -a "\${0%/*}/cfpgsql" ${executable} "$@"
`;
}
