// The fence device in the region file.
import * as z from 'zod';
import { key, mapOf, mapping, password, scalar, text, whole } from '../../lib/yaml/kinds.ts';

// Options whose value would stand in the cluster's configuration, and those made from the rest of the file.
const optionName = z
  .string()
  .regex(
    /^(?!(passwd|password|passwd_script|password_script|action|plug|port|pcmk_host_(map|list|check|argument))$)[A-Za-z][A-Za-z0-9_-]*$/,
    {
      error: 'an option of the fence agent; the password, the action and the machines are given by password and hosts',
    },
  );

const machine = text(
  'the name of a machine in the fence device, without ; : = , quotes and blanks',
  /^[^\s;:=,'"\\]+$/,
);

export const fencing = mapping({
  agent: key(
    text('the name of a fence agent, as fence_vmware_soap', /^fence_[a-z0-9_]+$/),
    'fence agent that can power the nodes’ machines',
  ),
  options: key(
    mapOf(optionName, scalar, 'a mapping of options of the fence agent').default({}),
    'its options, without password, action and machines',
    'none',
  ),
  password: key(password, 'password of the fence device'),
  hosts: key(
    mapOf(z.string(), machine, 'a mapping: the name of each node to the name of its machine'),
    'each node’s machine in the fence device',
  ),
  delay: key(
    whole(0, 120).default(5),
    'seconds by which fencing the primary’s node waits, so that two nodes that are cut off do not fence each other',
    '5',
  ),
});
