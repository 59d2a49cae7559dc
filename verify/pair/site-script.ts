// What a site is asked besides its status: one script, which changes nothing. Pure.
import type { SiteName } from '../../global/site-name.ts';
import type { Spec } from '../../global/spec.ts';
import { quoted } from '../../lib/host/shell.ts';
import { ownerVariable } from '../../lib/postgres/session-settings.ts';

const question = `SELECT archived_count || ' ' || (last_failed_time IS NULL OR coalesce(last_archived_time > last_failed_time, false))
 FROM pg_stat_archiver`;

/** Each line is `key value`, the last one `end`. */
export function siteScript({ postgres, database, archive }: Spec, site: SiteName): string {
  const { programs, data, service, user, port } = postgres;
  const psql = `runuser -u ${quoted(user)} -- env ${quoted(ownerVariable())} ${quoted(`${programs}/psql`)} -XAtq -p ${String(port)} -d postgres -c ${quoted(question)}`;
  return `cd /
echo "cfha $(cfha --version)"
echo "server $(${quoted(`${programs}/postgres`)} --version)"
echo "system $(${quoted(`${programs}/pg_controldata`)} -D ${quoted(data)} 2>/dev/null | sed -n 's/^Database system identifier: *//p')"
echo "watch $(systemctl is-active cfha-global-watch.service) $(systemctl is-enabled cfha-global-watch.service 2>/dev/null)"
echo "cron $(test -e /etc/cron.d/cfha-global && echo yes)"
echo "boot $(systemctl is-enabled ${quoted(`${service}.service`)} 2>/dev/null)"
echo "passfile $(stat -c '%a %U' ${quoted(database.passfile)} 2>/dev/null)"
echo "archived $(${psql} 2>/dev/null)"
echo "readable $(${archive === undefined ? 'true' : `runuser -u ${quoted(user)} -- test -r ${quoted(site === 'first' ? archive.write : archive.read)} && echo yes`})"
echo "bytes $(du -sxk ${quoted(data)} | cut -f 1) $(df -kP ${quoted(data.slice(0, data.lastIndexOf('/')) || '/')} | awk 'NR == 2 { print $4 }')"
echo "status $(cfha global status --json 2>/dev/null | base64 -w0)"
echo end
`;
} // prettier-ignore

/** What a drill must not have changed on a site: services, the names of its firewall's tables. */
export const asItIsScript = `systemctl list-units --no-legend --plain --state=active 'cfha-global*' 'postgresql*' | awk '{ print "unit", $1 }' | grep -v cfha-global-prune
nft list tables 2>/dev/null
ls /var/lib/cfha 2>/dev/null | sed 's/^/state /'
`;
