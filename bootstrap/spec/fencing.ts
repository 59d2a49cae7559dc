// The fence devices in the region file: one in short, or a list of them with levels.
import * as z from 'zod';
import { hostName, key, listOf, mapOf, mapping, password, scalar, text, whole } from '../../lib/yaml/kinds.ts';

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

const agent = text('the name of a fence agent, as fence_vmware_soap', /^fence_[a-z0-9_]+$/);
const options = mapOf(optionName, scalar, 'a mapping of options of the fence agent').default({});
const hosts = mapOf(z.string(), machine, 'a mapping: the name of each node to the name of its machine').optional();
const instead = 'required, unless `devices` are given';

const device = mapping({
  name: key(
    text('a name: lower-case letters, digits and -, at most 30', /^(?!fencing$)[a-z][a-z0-9-]{0,29}$/),
    'its name, which its resource in Pacemaker gets',
  ),
  level: key(
    whole(1, 9).default(1),
    'devices of level 1 are tried first, those of 2 if one of them failed; all devices of one level must succeed',
    '1',
  ),
  agent: key(agent, 'fence agent'),
  options: key(options, 'its options, without password, action and machines', 'none'),
  password: key(password.optional(), 'its password', 'it needs none'),
  hosts: key(hosts, 'the nodes that it powers, each with the name of its machine there', '`nodes` instead'),
  nodes: key(
    listOf(hostName, 'a list of nodes', [1, 3]).optional(),
    'the nodes that it powers, if it is part of their machine and has no name for it, as a management board',
    '`hosts` instead',
  ),
});

export const fencing = mapping({
  agent: key(agent.optional(), 'fence agent that can power the nodes’ machines', instead),
  options: key(options, 'its options, without password, action and machines', 'none'),
  password: key(password.optional(), 'password of the fence device', instead),
  hosts: key(hosts, 'each node’s machine in the fence device', instead),
  devices: key(
    listOf(device, 'a list of fence devices', [1, 20]).optional(),
    'instead of one device: several, in levels',
    'one device, of the keys before',
  ),
  delay: key(
    whole(0, 120).default(5),
    'seconds by which fencing the primary’s node waits, so that two nodes that are cut off do not fence each other',
    '5',
  ),
});
