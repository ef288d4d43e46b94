import test from 'ava';
import { NatsServer } from '../helpers/nats-server.ts';
import { listeningPorts } from '../helpers/ports.ts';
import { isAlive } from '../helpers/proc.ts';
import { OwnScope } from '../helpers/scope.ts';

test('a nats-server listens on a port of its own and comes back on the same after it was killed', async (t) => {
  const server = await NatsServer.start(t);
  const { pid } = server.process;
  const { port, url } = server;
  t.true(listeningPorts(pid).includes(port));
  await server.process.kill();
  t.false(isAlive(pid));
  await server.restart();
  t.is(server.url, url);
  t.true(listeningPorts(server.process.pid).includes(port));
});

test('a nats-server is gone with its scope', async (t) => {
  const scope = new OwnScope();
  const { process: started } = await NatsServer.start(scope);
  await scope.end();
  t.false(isAlive(started.pid));
});
