// The socket under a session. A server may be anything that answers at an address: what it sends is bounded, and what the
// protocol's reader cannot read ends the connection, not the process.
import { Socket } from 'node:net';

/** The connection was ended by us, for what the server sent. */
export class BadServer extends Error {
  override readonly name = 'BadServer';
}

export class GuardedSocket extends Socket {
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    super();
    this.#mostBytes = mostBytes;
  }

  /** An answer begins: what came before is not counted with it. */
  countAnew(): void {
    this.#bytes = 0;
  }

  override emit(name: string | symbol, ...values: unknown[]): boolean {
    return name === 'data' ? this.#receive(values) : super.emit(name, ...values);
  }

  #receive(values: readonly unknown[]): boolean {
    if (this.destroyed) return false;
    this.#bytes += values[0] instanceof Uint8Array ? values[0].byteLength : 0;
    if (this.#bytes > this.#mostBytes) return this.#refuse(`the server sent more than ${this.#mostBytes} bytes`);
    try {
      return super.emit('data', ...values);
    } catch (error) {
      if (error instanceof BadServer) return this.#refuse(error.message);
      return this.#refuse(`the server sent what is not PostgreSQL’s protocol: ${error instanceof Error ? error.message : String(error)}`); // prettier-ignore
    }
  }

  #refuse(message: string): false {
    this.destroy(new BadServer(message));
    return false;
  }
}
