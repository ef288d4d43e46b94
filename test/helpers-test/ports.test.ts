import { createServer } from 'node:net';
import test from 'ava';
import { freePort, listeningPorts, takenPort } from '../helpers/ports.ts';

const bind = (port: number) =>
  new Promise<string>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve('bound')));
  });

test('a free port can be bound, a taken one cannot', async (t) => {
  t.is(await bind(await freePort()), 'bound');
  const taken = await takenPort(t);
  t.is(await bind(taken), 'EADDRINUSE');
  t.true(listeningPorts(process.pid).includes(taken));
});

test('a process that does not exist listens on nothing', (t) => {
  t.deepEqual(listeningPorts(2 ** 22 + 1), []);
});
