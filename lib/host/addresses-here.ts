// The addresses of this machine.
import { networkInterfaces } from 'node:os';

/** Whether an IPv4 address is one of this machine's. */
export function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}
