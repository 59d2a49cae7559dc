// What is prepared on the nodes before there is a server, in the region file: storage, routes, a mount for the WAL archive.
import { absolute, address, key, mapping, networkOf, oneOf, text } from '../../lib/yaml/kinds.ts';

const word = (must: string) => text(must, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/);
const inFstab = (must: string) => text(must, /^[^\s#'"\\]{1,200}$/);

export const storage = mapping({
  device: key(
    text('a block device, as /dev/sdb', /^\/dev\/[A-Za-z0-9_./-]{1,80}$/),
    'the device for the data, on every node: it must be proven blank',
  ),
  mount: key(absolute.optional(), 'where it is mounted', 'the home of PostgreSQL’s user: `/var/lib/postgresql`, `/var/lib/pgsql`'),
  filesystem: key(oneOf(['ext4', 'xfs']).default('ext4'), 'its file system', 'ext4'),
  lvm: key(
    mapping({
      group: key(word('a name'), 'name of the volume group that is made of it'),
      volume: key(word('a name'), 'name of the logical volume, which takes all of it'),
    }).optional(),
    'a logical volume on it, which can be enlarged',
    'the file system is made on the device itself',
  ),
}); // prettier-ignore

export const route = mapping({
  to: key(networkOf, 'a network'),
  via: key(address, 'the gateway to it'),
  device: key(text('the name of a network interface', /^[A-Za-z0-9_.@-]{1,15}$/).optional(), 'interface', 'the gateway’s'),
}); // prettier-ignore

export const mount = mapping({
  from: key(inFstab('a file system as in /etc/fstab, without blanks and quotes'), 'what is mounted, as `filer:/vol/wal`'),
  type: key(word('a type of file system').optional(), 'its type', 'nfs, if `from` has `:/`, else auto'),
  options: key(
    inFstab('mount options with commas between them').optional(),
    'mount options',
    'for NFS `nofail,_netdev,soft,timeo=100,retrans=3` (a filer that is away fails archiving, which PostgreSQL tries again, and hangs neither a boot nor a stop), else `nofail`',
  ),
}); // prettier-ignore
