#!/bin/bash
# resource-agents' ocf-tester, unmodified, in namespaces of its own. In replication modes Pacemaker's tools are recorders.
#   ocf-tester.sh AGENT MODE TOOLS [NAME=VALUE …]
set -euo pipefail
if [ "${TESTER_INSIDE:-}" = '' ]; then
  exec env TESTER_INSIDE=1 unshare --mount --net --ipc --pid --fork --mount-proc --kill-child bash "$0" "$@"
fi
agent=$1 mode=$2 tools=$3
shift 3
ip link set lo up
scratch=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$scratch"
mkdir -p "$scratch/ocf/lib" "$scratch/ocf/resource.d" "$scratch/side/n1/sbin" "$scratch/side/state/broken"
cp -a /usr/lib/ocf/. "$scratch/ocf/"
mkdir -p "$scratch/ocf/resource.d/custom"
mount --bind "$scratch/ocf" /usr/lib/ocf
case $agent in
  /usr/lib/ocf/*) path=$agent ;;
  *)
    path=/usr/lib/ocf/resource.d/custom/cfpgsql
    printf '#!/bin/sh\nexec %s "$@"\n' "$agent" >$path
    chmod 755 $path
    ;;
esac

# One node that is online, and its tools.
cp "$tools"/* "$scratch/side/n1/sbin/"
rm "$scratch/side/n1/sbin/sleep" "$scratch/side/n1/sbin/ps"
node=$scratch/side/state/nodes/n1
mkdir -p "$node/reboot" "$node/forever"
echo n1 >"$node/uname"
echo true >"$node/online"
echo Stopped >"$node/role"
: >"$node/lrm.xml"
echo tested >"$scratch/side/state/resource"
echo custom:cfpgsql >"$scratch/side/state/provider"

programs=/usr/lib/postgresql/$(ls /usr/lib/postgresql | sort -n | tail -1)/bin
mkdir "$scratch/db" && chown postgres: "$scratch/db"
runuser postgres -c "cd / && $programs/initdb -D $scratch/db/data -A trust -N" >/dev/null
echo "unix_socket_directories = '$scratch/db'" >>"$scratch/db/data/postgresql.conf"

export HA_SBIN_DIR=$scratch/side/n1/sbin PATH=$scratch/side/n1/sbin:$PATH
export OCF_RESKEY_CRM_meta_on_node=n1 OCF_RESKEY_crm_feature_set=3.16.2
options=(-o pgctl=$programs/pg_ctl -o psql=$programs/psql -o "pgdata=$scratch/db/data" -o "socketdir=$scratch/db" -o "tmpdir=$scratch/db/tmp")
if [ "$mode" != none ]; then
  export OCF_RESKEY_CRM_meta_promotable=true OCF_RESKEY_CRM_meta_notify=true
  options+=(-o "rep_mode=$mode" -o node_list=n1 -o "master_ip=$scratch/db")
fi
for option in "$@"; do options+=(-o "$option"); done
# The copy of the shell functions with the line that Pacemaker 2.1.5 needs: upstream's agent hangs without it.
sed -i 's,/crm_attribute -p \$@,/crm_attribute -p -l reboot $@,' /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs
exec ocf-tester -n tested "${options[@]}" "$path"
