// cfha: what the administrator runs. Commands and options; each command is loaded when it is called.
import yargs from 'yargs';
import { commit, version } from '../meta/build.ts';

/** Parses the command line, runs the command and sets the exit code: 0 done, 1 failed, 2 called or configured wrongly. */
export async function main(): Promise<void> {
  await yargs(process.argv.slice(2))
    .scriptName('cfha')
    .usage('$0 COMMAND\n\nPostgreSQL that stays up on two servers, with Pacemaker and Corosync.')
    .version(`cfha ${version} (commit ${commit}, Node ${process.version})`)
    .demandCommand(1, 'Name a command; cfha --help lists them.')
    .strict()
    .help()
    .parseAsync();
}
