// A lock that its owner cannot leave behind: a name in the kernel's abstract namespace, which goes with the process.
// https://man7.org/linux/man-pages/man7/unix.7.html
import { createServer } from 'node:net';

/** Undefined if another process has it; else what gives it back. */
export function takeName(name: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(`\0${name}`, () => resolve(() => new Promise((closed) => void server.close(() => closed()))));
  });
}
