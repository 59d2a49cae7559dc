// What is left to undo is on the nodes before anything is broken: in a file, with a timer that runs it if nobody else does.
import type { Result } from '../lib/host/exec.ts';
import { quoted } from '../lib/host/shell.ts';
import type { Undo } from './drills/drill.ts';
import { script, type Places } from './places.ts';

const folder = '/var/lib/cfha/verify';
const file = `${folder}/undo.sh`;
const unit = 'cfha-verify-undo';
const timerMinutes = 20;

/** A node does it by itself if nobody has told it to: the machine that cfha ran on may be gone. */
function recordScript(text: string): string {
  return `mkdir -p ${folder} && printf '%s\\n' ${quoted(text)} >${file}.new && sync && mv ${file}.new ${file}
systemctl --quiet stop ${unit}.timer 2>/dev/null
systemd-run --quiet --unit=${unit} --on-active=${String(timerMinutes)}min sh -c 'sh ${file} && rm -f ${file}' >/dev/null 2>&1 || true
`;
}

const undoScript = `[ -e ${file} ] || exit 0
sh ${file} || exit 1
rm -f ${file}; rmdir --ignore-fail-on-non-empty ${folder}
systemctl --quiet stop ${unit}.timer 2>/dev/null
echo undone
`;

/** The undoing of a drill, by node. */
export function byNode(undos: readonly Undo[]): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const { on, script: text } of undos) all.set(on, `${all.get(on) ?? ''}${text}\n`);
  return all;
}

/** Records it; what could not be recorded must not be broken. */
export async function record(places: Places, undos: readonly Undo[]): Promise<string | undefined> {
  for (const [node, text] of byNode(undos)) {
    const { code, stderr } = await script(places, node, { text: recordScript(text), seconds: 20 });
    if (code !== 0) return `${node}: what is to be undone could not be recorded: ${stderr.trim()}`;
  }
  return undefined;
}

/** Undoes what is recorded on a node. */
export function undoing(places: Places, node: string): Promise<Result> {
  return script(places, node, { text: undoScript, seconds: 120 });
}
