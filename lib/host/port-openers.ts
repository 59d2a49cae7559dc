// Firewalls that close what nobody has opened, told to let a port in. They are asked to add one thing, and nothing of theirs is changed.
// https://firewalld.org/documentation/man-pages/firewall-cmd.html, iptables(8)
import type { Argv } from './exec.ts';

/** Programs by which a host's other rules may be made. */
export type Opener = 'nftables' | 'iptables' | 'firewalld';

export type Opening = {
  /** Exit code 0: it is open already. */
  readonly isOpen: Argv;
  /** One after the other. */
  readonly open: readonly Argv[];
};

const comment = 'cfha global';

/** Undefined for nftables: the file that has the other rules is the administrator's. */
export function opening(opener: Opener, port: number): Opening | undefined {
  switch (opener) {
    case 'nftables':
      return undefined;
    case 'iptables': {
      const rule = ['INPUT', '-p', 'tcp', '--dport', String(port), '-m', 'comment', '--comment', comment, '-j', 'ACCEPT']; // prettier-ignore
      return { isOpen: ['iptables', '-w', '-C', ...rule], open: [['iptables', '-w', '-I', ...rule]] };
    }
    case 'firewalld': {
      const add = `--add-port=${String(port)}/tcp`;
      // For now, and for every boot.
      const open: readonly Argv[] = [['firewall-cmd', '-q', add], ['firewall-cmd', '-q', '--permanent', add]]; // prettier-ignore
      return { isOpen: ['firewall-cmd', '-q', '--permanent', `--query-port=${String(port)}/tcp`], open };
    }
  }
}
