// What a node is asked of the system below its server: libraries, collations, tablespaces, and what restarts services by itself.

/** Changes nothing. Each database is asked for itself: a collation is a row of its own catalogue. */
export const platformScript = `
echo "library glibc $(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)"
echo "library ICU $(timeout 10 ldd "$bindir/postgres" 2>/dev/null | sed -n 's/.*libicuuc\\.so\\.\\([0-9.]*\\) .*/\\1/p' | head -n 1)"
if command -v needrestart >/dev/null; then
  echo "needrestart $(timeout 10 perl -e 'our %nrconf = (restart => "i", override_rc => {}); do "/etc/needrestart/needrestart.conf";
    my @left = grep { my $unit = $_; !grep { $unit =~ $_ && !$nrconf{override_rc}{$_} } keys %{$nrconf{override_rc}} } @ARGV;
    print join " ", $nrconf{restart} // "i", @left' corosync.service pacemaker.service pcsd.service 2>/dev/null)"
fi
if [ "$(timeout 10 apt-config shell v APT::Periodic::Unattended-Upgrade 2>/dev/null | sed "s/.*='\\(.*\\)'/\\1/")" = 1 ] && command -v unattended-upgrade >/dev/null; then
  echo "upgrades apt $(timeout 10 apt-config dump Unattended-Upgrade::Package-Blacklist 2>/dev/null | sed -n 's/^Unattended-Upgrade::Package-Blacklist:: "\\(.*\\)";$/\\1/p' | tr '\\n' ' ')"
fi
if systemctl -q is-enabled dnf-automatic-install.timer 2>/dev/null || { systemctl -q is-enabled dnf-automatic.timer 2>/dev/null && grep -Eqi '^[[:space:]]*apply_updates[[:space:]]*=[[:space:]]*(yes|true|1|on)' /etc/dnf/automatic.conf; }; then
  echo "upgrades dnf $(sed -n 's/^[[:space:]]*exclude\\(pkgs\\)\\{0,1\\}[[:space:]]*=//p' /etc/dnf/dnf.conf | tr ',\\n' '  ')"
fi
`;

/**
 * A database's recorded versions that are not those of this node's libraries; of collations those alone that something uses.
 * Before PostgreSQL 15 none is recorded for a database: the second question fails there, and says nothing.
 */
export const collationQuestion = `SELECT json_agg(one) FROM (
  SELECT json_build_object('database', current_database(), 'collation', quote_ident(nspname) || '.' || quote_ident(collname),
    'recorded', collversion, 'actual', pg_collation_actual_version(c.oid)) AS one
  FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
  WHERE collversion IS DISTINCT FROM pg_collation_actual_version(c.oid) AND collversion IS NOT NULL
    AND EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_collation'::regclass AND refobjid = c.oid)
  LIMIT 20) s;
SELECT json_agg(json_build_object('database', datname, 'recorded', datcollversion, 'actual', pg_database_collation_actual_version(oid)))
  FROM pg_database WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) AND datcollversion IS NOT NULL;
`;

/** Asked of a server that runs. A database's name goes by the environment, where nothing reads it as a connection string. */
export const collationScript = `
  postgres timeout 10 env "$options" "$bindir/psql" -XAtq $socket -p "$port" -d postgres -c 'SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1 LIMIT 50' 2>/dev/null |
    while IFS= read -r database; do
      printf '%s' "$collations" | postgres env "$options" PGDATABASE="$database" timeout 5 "$bindir/psql" -XAtq $socket -p "$port" -f - 2>/dev/null |
        while IFS= read -r line; do [ -n "$line" ] && echo "collation $(printf '%s' "$line" | base64 -w0)"; done
    done
`;

/** For each directory of a tablespace: what is there on this node. A link in pg_tblspc that leads to it makes it this server's. */
export const tablespaceScript = `
printf '%s\\n' "$directories" | while IFS= read -r directory; do
  if [ ! -d "$directory" ]; then state=missing
  elif [ "$(stat -c %U "$directory")" != "$pgdba" ]; then state="owned by $(stat -c %U "$directory")"
  elif [ -z "$(ls -A "$directory")" ]; then state=empty
  else
    state=foreign
    for link in "$pgdata"/pg_tblspc/*; do [ "$(readlink -f "$link")" = "$(readlink -f "$directory")" ] && state=ours; done
  fi
  echo "tablespace $(printf '%s' "$directory" | base64 -w0) $state"
done
echo end
`;
