// Where the pair keeps what.
export const stateFolder = '/var/lib/cfha';
export const stateFile = `${stateFolder}/global.json`;
export const keeperFile = `${stateFolder}/global-keeper.json`;
/** Written anew to wake the watch. */
export const wakeFile = '/run/cfha-global/wake';
export const logFolder = '/var/log';

/** As the reference's scripts called them: under these names the executable is linked, and their logs are named so. */
export const scripts = {
  'pgsql-primary-archive-wal': 'archive-wal',
  'pgsql-primary-check-start': 'check-start',
  'pgsql-primary-initialize': 'primary-initialize',
  'pgsql-standby-check-access': 'check-access',
  'pgsql-standby-check-promote': 'check-promote',
  'pgsql-standby-initialize': 'standby-initialize',
  'pgsql-standby-release': 'standby-release',
} as const;

export type Job = (typeof scripts)[keyof typeof scripts];
export const jobs: readonly Job[] = Object.values(scripts);

/** The reference's name of a job, and so of its log. */
export function scriptOf(job: Job): string {
  return Object.keys(scripts).find((name) => scripts[name as keyof typeof scripts] === job) ?? job;
}

/** What a call under one of the reference's names means. */
export function calledAs(name: string): Job | undefined {
  return Object.hasOwn(scripts, name) ? scripts[name as keyof typeof scripts] : undefined;
}
