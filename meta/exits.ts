// The exit codes of the OCF resource agent API: number, meaning, and what Pacemaker does next.
// Source: Pacemaker Administration, "Resource Agents", table "OCF Exit Codes and How They are Handled".

export const exits = {
  success: { code: 0, recovery: 'none', means: 'done; for monitor: running (unpromoted)' },
  generic: { code: 1, recovery: 'soft', means: 'failed; may succeed if tried again' },
  arguments: { code: 2, recovery: 'hard', means: 'the parameters are wrong on this node' },
  unimplemented: { code: 3, recovery: 'hard', means: 'the action does not exist' },
  permission: { code: 4, recovery: 'hard', means: 'this node lacks a permission' },
  installed: { code: 5, recovery: 'hard', means: 'this node lacks a program or file' },
  configured: { code: 6, recovery: 'fatal', means: 'the parameters are wrong on every node' },
  notRunning: { code: 7, recovery: 'none', means: 'cleanly stopped' },
  promoted: { code: 8, recovery: 'none', means: 'running as the promoted instance' },
  failedPromoted: { code: 9, recovery: 'soft', means: 'failed in the promoted role' },
} as const satisfies Record<string, { code: number; recovery: 'none' | 'soft' | 'hard' | 'fatal'; means: string }>;

/** The name of an exit code. Numbers appear in this file only. */
export type Exit = keyof typeof exits;
