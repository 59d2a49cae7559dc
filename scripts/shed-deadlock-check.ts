// Node 26 is built with absl's search for deadlocks, an aid of those who write absl's mutexes: a graph of 1 MB is filled with zeros at each
// start, a millisecond of a monitor's thirty. Builds without assertions have it off (absl/synchronization/mutex.cc,
// `synch_deadlock_detection`: kIgnore 0, kReport 1, kAbort 2), and so has the executable. docs/decisions/0011.
import { reader } from './elf.ts';

const [ignore, abort] = [0, 2];

/**
 * Switches the search off. `symbols`: what nm(1) prints of the executable before it is stripped. One that has none stays as it is; throws,
 * and changes nothing, if what is found is not what is expected.
 */
export function shedDeadlockCheck(elf: Buffer, symbols: string): void {
  const found = symbols.split('\n').filter((line) => / [dDbB] \S*synch_deadlock_detection/.test(line));
  const [symbol] = found;
  if (symbol === undefined) return;
  if (found.length > 1) throw new Error(`one setting of absl's search for deadlocks was expected: ${found.join('; ')}`);
  if (symbol.includes(' b ')) return; // zero from the start
  const at = reader(elf).fileOffset(Number.parseInt(symbol, 16));
  const now = elf.readInt32LE(at);
  if (now < ignore || now > abort) throw new Error(`absl's search for deadlocks is set to ${now}`);
  elf.writeInt32LE(ignore, at);
}
