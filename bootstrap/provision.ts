// What is prepared on the nodes: the scripts, and what of them is asked by a look. Each script may be run again.
import { createHash } from 'node:crypto';
import { quoted } from '../lib/host/shell.ts';
import type { Layout } from './layout.ts';
import { archiveMount, type Mount } from './mounts.ts';
import { routesScriptPath, routesUnitPath } from './paths.ts';
import type { Node, Spec } from './spec.ts';

export type Storage = {
  readonly device: string;
  readonly filesystem: 'ext4' | 'xfs';
  readonly group: string;
  readonly volume: string;
  /** By which a volume group, a file system is known to be made by us for this node. */
  readonly tag: string;
  readonly uuid: string;
  readonly mount: Mount;
};

/** The storage of a node; undefined if the file asks for none. */
export function storageOf({ region, storage }: Spec, { home }: Layout, node: string): Storage | undefined {
  if (storage === undefined) return undefined;
  const { device, filesystem, lvm } = storage;
  const uuid = uuidOf(`cfha storage of ${region} on ${node}`);
  return {
    ...{ device, filesystem, uuid, group: lvm?.group ?? '', volume: lvm?.volume ?? '', tag: `cfha-${region}` },
    mount: {
      ...{ at: storage.mount ?? home, from: `UUID=${uuid}`, type: filesystem, options: 'defaults', mode: '0755' },
      pass: filesystem === 'ext4' ? '2' : '0',
    },
  };
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
} // prettier-ignore

// Blank: no signature of anything, no partitions or volumes on it, not in use, and zeros where all that has a place keeps its head.
const proof = `
blank() {
  size=$(blockdev --getsize64 "$1") && [ "$size" -ge 33554432 ] || return 1
  [ -z "$(wipefs -n "$1")" ] && [ "$(lsblk -n -o NAME "$1" | wc -l)" = 1 ] || return 1
  grep -q "^$(readlink -f "$1") " /proc/mounts /proc/swaps && return 1
  cmp -s -n 16777216 "$1" /dev/zero || return 1
  dd if="$1" bs=1048576 skip=$((size / 1048576 - 1)) count=1 2>/dev/null | cmp -s -n 1048576 - /dev/zero
}
# The volume group is ours, made of this device.
grouped() { vgs --noheadings -o vg_tags,pv_name "$group" 2>/dev/null | grep -q "^ *$tag *$(readlink -f "$device")\\$"; }
made() { [ "$(blkid -p -o value -s UUID "$1" 2>/dev/null)" = "$uuid" ]; }
`;

const assigned = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');

/** Makes the volume and the file system, as far as they are not there; refuses whatever is not blank. */
export function storageScript({ device, filesystem, group, volume, tag, uuid }: Storage): string {
  const mkfs = filesystem === 'ext4' ? 'mkfs.ext4 -q -U "$uuid"' : 'mkfs.xfs -q -m uuid="$uuid"';
  return `set -eu
${assigned({ device, group, volume, tag, uuid })}${proof}
refuse() { echo "$1 is not blank: nothing was done" >&2; exit 1; }
target=$device
if [ -n "$group" ]; then
  grouped || { blank "$device" || refuse "$device"; vgcreate -q --addtag "$tag" "$group" "$device" >/dev/null; }
  target=/dev/$group/$volume
  [ -e "$target" ] || lvcreate -q -y -W y -l 100%FREE -n "$volume" "$group" >/dev/null
fi
made "$target" && exit 0
[ -n "$group" ] && [ -z "$(wipefs -n "$target")" ] || blank "$target" || refuse "$target"
${mkfs} "$target"
`;
}

/** Writes the line of fstab, if there is none for this place, and mounts. A place that is mounted already is left alone. */
export const mountScript = `awk -v at="$1" '$1 !~ /^#/ && $2 == at { found = 1 } END { exit !found }' /etc/fstab ||
  printf '%s %s %s %s 0 %s\\n' "$2" "$1" "$3" "$4" "$5" >>/etc/fstab
systemctl daemon-reload
mkdir -p "$1"
mountpoint -q "$1" || mount "$1"`;

// A device has one name that the kernel shows, whatever the file calls it: a link, a volume, UUID=, LABEL=.
const placeQuestion = `
place() {
  source=$(findmnt -n -o SOURCE --mountpoint "$1" | head -n 1)
  wanted=$(findfs "$2" 2>/dev/null) || wanted=$2
  if [ -b "$wanted" ] && [ "$(readlink -f "$wanted")" = "$(readlink -f "$source")" ]; then source=$2; fi
  echo "mount $1 $source"
  echo "fstab $1 $(awk -v at="$1" '$1 !~ /^#/ && $2 == at { print $1 }' /etc/fstab | head -n 1)"
  echo "folder $1 $(stat -c '%U 0%a' "$1" 2>/dev/null)"
}
`;

const noStorage = { device: '', group: '', volume: '', tag: '', uuid: '' } as const;

/** What a look asks: places that are mounted, with what fstab says of them, and the state of the storage's device. */
export function provisionQuestion(spec: Spec, layout: Layout, node: string): string {
  const mounts = mountsOf(spec, layout, node);
  const { device, group, volume, tag, uuid } = storageOf(spec, layout, node) ?? noStorage;
  return `${assigned({ first: mounts[0]?.at ?? '', device, group, volume, tag, uuid })}${proof}${placeQuestion}
${mounts.map(({ at, from }) => `place ${quoted(at)} ${quoted(from)}\n`).join('')}
if [ -n "$device" ]; then
  target=$device; [ -z "$group" ] || target=/dev/$group/$volume
  if [ ! -b "$device" ]; then echo 'storage absent'
  elif made "$target"; then echo "storage made $(findmnt -n -o UUID --mountpoint "$first" | grep -x "$uuid")"
  elif blank "$device" || { [ -n "$group" ] && grouped; }; then echo 'storage blank'
  else
    is=$(wipefs -n --noheadings --output TYPE,LABEL "$device" | tr -s ' \\n' ' ')
    echo "storage foreign \${is:-data without a signature, partitions, or in use}"
  fi
fi
ip -4 -o route show | sed -n 's/^\\([0-9./]*\\) via \\([0-9.]*\\) dev \\([^ ]*\\).*/route \\1 \\2 \\3/p'
`;
}

/** The mounts of a node, the storage first: what a look asks about. */
export function mountsOf(spec: Spec, layout: Layout, node: string): readonly Mount[] {
  const storage = storageOf(spec, layout, node);
  const archive = archiveMount(spec);
  return [...(storage === undefined ? [] : [storage.mount]), ...(archive === undefined ? [] : [archive])];
}

/** The files that make a node's routes at every boot. How a distribution keeps routes is its own affair; a unit is the same on all. */
export function routeTexts({ name, routes }: Node) {
  if (routes.length === 0) return [];
  const all = routes.map(({ to, via, device }) => `ip route replace ${to} via ${via}${device === undefined ? '' : ` dev ${device}`}\n`);
  const head = '# Written by cfha bootstrap: change the region file, not this one.\n';
  return [
    { path: routesScriptPath, mode: '0755', owner: 'root', says: `the routes of ${name}`, content: `#!/bin/sh\n${head}set -eu\n${all.join('')}` },
    { path: routesUnitPath, mode: '0644', owner: 'root', says: 'their unit', content: `${head}${routesUnitText}` },
  ];
} // prettier-ignore

const routesUnitText = `[Unit]
Description=Routes of the region's node, as to the filer of its WAL archive
After=network-online.target
Wants=network-online.target
Before=remote-fs-pre.target pacemaker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${routesScriptPath}

[Install]
WantedBy=multi-user.target
`;
