// cfpgsql: the resource agent. The only file of the agent that touches `process`.
import { metadataXml } from '../meta/xml.ts';

/** Answers one call of Pacemaker: the action is the only argument, the exit code the answer. */
export async function main(): Promise<void> {
  process.stdout.write(metadataXml());
  await Promise.resolve();
}
