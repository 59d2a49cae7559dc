// Sessions of a standby that replay waits for: with max_standby_streaming_delay that is for as long as they like.
// https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT

// Which session it is cannot be asked for each kind of conflict: all that are in a transaction may be. PostgreSQL 13 and later
// say that recovery waits.
export const endConflictsSql = `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
 where backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start is not null
 and exists (select from pg_stat_activity where backend_type = 'startup'
 and (wait_event like 'RecoveryConflict%' or wait_event_type in ('Lock', 'BufferPin')))`;
