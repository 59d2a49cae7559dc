#!/bin/bash
# The ocft tests of resource-agents for pgsql, unmodified, against another agent: in namespaces of their own, so that
# nothing of this machine's PostgreSQL, its resource agents or its ports is touched.
#   ocft.sh AGENT heartbeat   AGENT answers in place of ocf:heartbeat:pgsql
#   ocft.sh AGENT custom      AGENT is ocf:custom:cfpgsql; the configuration differs in the words Agent and AgentRoot
#   ocft.sh '' heartbeat      upstream's own agent
set -euo pipefail
if [ "${OCFT_INSIDE:-}" = '' ]; then
  exec env OCFT_INSIDE=1 unshare --mount --net --ipc --pid --fork --mount-proc --kill-child bash "$0" "$@"
fi
agent=$1 provider=$2
ip link set lo up
scratch=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$scratch"

cover() { # FOLDER: from here on changes to it are seen by this test only
  local copy=$scratch/${1//\//_}
  mkdir -p "$1" "$copy"
  cp -a "$1/." "$copy/"
  mount --bind "$copy" "$1"
}
replace() { # FOLDER OWNER: an empty one
  mkdir -p "$1"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  chown "$2" "$1"
}
cover /usr/lib/ocf
cover /usr/share/resource-agents/ocft
replace /etc/postgresql postgres:
replace /var/lib/postgresql postgres:
replace /var/log/postgresql postgres:
replace /run/postgresql postgres:
replace /var/lib/resource-agents root:
mkdir -p /var/lib/resource-agents/ocft/cases
chmod 2775 /run/postgresql
# The tests install PostgreSQL first; it is installed, and there is no network in here.
printf '#!/bin/sh\nexit 0\n' >"$scratch/apt-get"
chmod 755 "$scratch/apt-get"
mount --bind "$scratch/apt-get" /usr/bin/apt-get
version=$(ls /usr/lib/postgresql | sort -n | tail -1)
pg_createcluster "$version" main >/dev/null
ln -s "/etc/postgresql/$version/main/postgresql.conf" "/var/lib/postgresql/$version/main/postgresql.conf"

name=pgsql
if [ -n "$agent" ]; then
  folder=/usr/lib/ocf/resource.d/$provider
  mkdir -p "$folder"
  [ "$provider" = heartbeat ] || name=cfpgsql
  rm -f "$folder/$name"
  # The executable tells by its name which program it is.
  printf '#!/bin/sh\nexec %s "$@"\n' "$agent" >"$folder/$name"
  chmod 755 "$folder/$name"
  configs=/usr/share/resource-agents/ocft/configs
  [ "$name" = pgsql ] || sed "s/Agent pgsql/Agent cfpgsql/; s,AgentRoot .*,AgentRoot $folder," $configs/pgsql >$configs/cfpgsql
fi
cd "$scratch"
ocft make "$name" >make.log || { cat make.log; exit 1; }
ocft test "$name" >test.log 2>&1 </dev/null && code=0 || code=$?
sed 's/\x1b\[[0-9;]*m//g' test.log
exit $code
