// The names of WAL segments: timeline, then position, 8 hexadecimal digits each three times.
// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP (pg_walfile_name)

/**
 * The newest timeline there is WAL of: a standby that has lost its primary tells only the timeline of its last restartpoint.
 * A history file alone proves nothing: it comes before the WAL.
 */
export function newestTimeline(names: readonly string[]): number | undefined {
  const timelines = names.filter((name) => /^[0-9A-F]{24}$/.test(name)).map((name) => parseInt(name.slice(0, 8), 16));
  return timelines.length === 0 ? undefined : timelines.reduce((a, b) => Math.max(a, b));
}
