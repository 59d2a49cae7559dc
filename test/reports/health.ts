// cfha serve beside the server of a pretended cluster, asked as a traffic manager asks: by the bytes of a request.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { waitUntil } from '../scenarios/waiting.ts';
import { cfha } from '../health/site.ts';
import type { Cluster } from './servers.ts';

type Asked = Readonly<{ ask: (request: string) => Promise<string>; end: () => void }>;

/** Serves at this port until it is ended. */
export async function serveBeside(pair: Cluster, node: string, port: number): Promise<Asked> {
  const server = ['--socket', pair.sockets(node), '--server-port', pair.side.parameters['pgport'] ?? '5432'];
  const argv = ['serve', ...server, '--port', `${port}`, '--address', '127.0.0.1'];
  const child = spawn(cfha(), argv, { cwd: '/', stdio: 'ignore' });
  const ask = (request: string): Promise<string> => answerTo(port, request);
  const end = (): void => void child.kill('SIGKILL');
  try {
    await waitUntil(
      'cfha serve answers',
      async () => (await ask('GET /health HTTP/1.0\r\n\r\n')).includes(' 200 '),
      20,
    );
  } catch (error) {
    end();
    throw error;
  }
  return { ask, end };
}

/** All that is answered until the connection ends; nothing if there is none. */
function answerTo(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (data) => (text += String(data)));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
