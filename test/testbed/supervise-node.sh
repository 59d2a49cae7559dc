#!/usr/bin/env bash
# The mains lead of one node, run by node.ts in the background: wires the node to the switch, boots it, and boots it
# again when it asks for a reboot. A node that is off has no network: its addresses must not go on answering.
set -u
# shellcheck disable=SC2153 # all capitals: from node.ts
for group in $GROUPS_OF_NODE; do echo $$ >"$group/cgroup.procs" || exit 1; done

unwire() {
  ip -n "$SWITCH" link delete "$NODE" 2>/dev/null
  ip netns delete "$NETNS" 2>/dev/null
}

wire() {
  unwire
  ip netns add "$NETNS" &&
    ip -n "$SWITCH" link add "$NODE" type veth peer name eth0 address "$MAC" netns "$NETNS" &&
    ip -n "$NETNS" link set lo up &&
    ip -n "$NETNS" address add "$ADDRESS" dev eth0 &&
    ip -n "$NETNS" link set eth0 up &&
    ip -n "$SWITCH" link set "$NODE" up
}

plugIn() {
  [ -e "$CUT" ] || ip -n "$SWITCH" link set "$NODE" master br0
}

askedForReboot=133 # what systemd-nspawn --keep-unit exits with then
while :; do
  wire || exit 1
  sleep "$FIRMWARE"
  plugIn
  SYSTEMD_NSPAWN_TMPFS_TMP=0 systemd-nspawn --quiet --boot --directory="$ROOT" --machine="$NETNS" --hostname="$NODE" \
    --register=no --keep-unit --settings=no --network-namespace-path="/run/netns/$NETNS" --capability=all \
    --resolv-conf=off --timezone=off --link-journal=no --console=pipe
  code=$?
  unwire
  [ $code = $askedForReboot ] || exit $code
done
