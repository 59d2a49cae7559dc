// What cfha init asks for: as flags, or as questions at the terminal; and the region file made of the answers.
import { schema } from '../spec.ts';

/** An answer as text; several are separated by blanks or commas. */
export type Question = {
  readonly flag: string;
  readonly asks: string;
  readonly example: string;
  /** Taken if nothing is answered. */
  readonly usual?: string;
};

export const questions = {
  region: { flag: 'region', asks: 'Name of the region', example: 'dc1', usual: 'dc1' },
  nodes: { flag: 'nodes', asks: 'The nodes: host name=IPv4 address', example: 'db1=10.77.0.11 db2=10.77.0.12' },
  vip: { flag: 'vip', asks: 'Virtual IP and prefix of its network', example: '10.77.0.100/24' },
  agent: { flag: 'fence-agent', asks: 'Fence agent', example: 'fence_vmware_soap', usual: 'fence_vmware_soap' },
  options: { flag: 'fence-options', asks: 'Its options, without a password', example: 'ip=10.77.0.1 username=cfha ssl=1' },
  machines: { flag: 'machines', asks: 'What the fence device calls the nodes’ machines', example: 'db1=vm-17 db2=vm-18' },
  database: { flag: 'database', asks: 'Database', example: 'vmdb_production', usual: 'vmdb_production' },
  owner: { flag: 'owner', asks: 'Its owner', example: 'cloudforms', usual: 'cloudforms' },
  clients: { flag: 'clients', asks: 'Networks of the clients', example: '10.77.0.0/24' },
} as const satisfies Record<string, Question>; // prettier-ignore

export type Answers = Readonly<Record<keyof typeof questions, string>>;

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
const pairs = (text: string): [string, string][] =>
  words(text).map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  });

/** What a region file of these answers holds. */
export function fileOf(answers: Answers) {
  const [address = '', prefix = ''] = answers.vip.split('/');
  return {
    region: answers.region,
    nodes: pairs(answers.nodes).map(([name, at]) => ({ name, address: at })),
    vip: { address, prefix: Number(prefix) },
    fencing: {
      agent: answers.agent,
      options: Object.fromEntries(pairs(answers.options)),
      password: { file: 'fencing.password' },
      hosts: Object.fromEntries(pairs(answers.machines)),
    },
    postgres: {
      replication: { mode: 'async', user: 'replicator', password: { file: 'replicator.password' } },
      database: { name: answers.database, owner: answers.owner, password: { file: `${answers.owner}.password` } },
      clients: words(answers.clients),
    },
  };
}

/** What is wrong with the answers: path and what is expected there. */
export function wrongAnswers(file: unknown): readonly string[] {
  const read = schema.safeParse(file);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: expected ${message}`);
}
