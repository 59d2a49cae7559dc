// IPv4 addresses as numbers: what is in a network, what is not.

/** The 32 bits of an IPv4 address; undefined if the text is none. */
export function ipv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1);
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return undefined;
  return parts.reduce((bits, part) => bits * 256 + Number(part), 0);
}

/** First and last address of a network. */
export function network(address: number, prefix: number): { first: number; last: number } {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

/** Whether text is a network as `10.1.2.0/24`: without bits set after the prefix. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix = '', more] = text.split('/');
  const bits = ipv4(address);
  if (bits === undefined || more !== undefined || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return false;
  return network(bits, Number(prefix)).first === bits;
}
