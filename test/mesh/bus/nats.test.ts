import { createServer } from 'node:net';
import test from 'ava';
import { connectNats, openNats } from '../../../mesh/bus/nats.ts';
import { parseNatsUrl } from '../../../mesh/bus/nats-url.ts';
import { MeshError } from '../../../mesh/error.ts';
import { reached } from '../../conformance/bus.ts';
import { NatsServer } from '../../helpers/nats-server.ts';

const options = { clientName: 'test', onError: () => {} };

test('connecting where nobody listens fails as unreachable and says how to get a server', async (t) => {
  const server = await NatsServer.start(t);
  const { url } = server;
  await server.process.kill();
  const error = await t.throwsAsync(connectNats({ ...options, url }), { instanceOf: MeshError });
  t.is(error?.code, 'unreachable');
  t.true(error?.message.includes(url.slice('nats://'.length)));
  t.regex(error?.hint ?? '', /nats-server/);
});

test('connecting to something that accepts and stays silent fails too', async (t) => {
  const sockets = new Set<import('node:net').Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as import('node:net').AddressInfo).port));
  });
  const attempt = connectNats({ ...options, url: `nats://127.0.0.1:${port}`, connectTimeoutMs: 100 });
  t.is((await t.throwsAsync(attempt, { instanceOf: MeshError }))?.code, 'unreachable');
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

test('credentials travel in the URL; wrong ones are refused as denied and never shown', async (t) => {
  const server = await NatsServer.start(t, { args: ['--user', 'anna', '--pass', 's3cret'] });
  const address = server.url.slice('nats://'.length);
  await using bus = await connectNats({ ...options, url: `nats://anna:s3cret@${address}` });
  await bus.flush();
  const error = await t.throwsAsync(connectNats({ ...options, url: `nats://anna:wr0ng@${address}` }), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.false(error?.message.includes('wr0ng'));
});

test('an opened bus waits for its server, keeping its subscriptions', async (t) => {
  const server = await NatsServer.start(t);
  await server.process.kill();
  await using bus = openNats({ ...options, url: server.url });
  const received = new Promise<Uint8Array>((resolve) => bus.subscribe('s', resolve));
  t.is(bus.state, 'connecting');
  t.false(bus.publish('s', new Uint8Array([1])));
  t.throws(() => bus.connection, { message: /does not answer/ });
  await server.restart();
  await reached(bus, 'connected');
  t.true(bus.publish('s', new Uint8Array([2])));
  t.deepEqual([...(await received)], [2]);
});

test('an opened bus can be closed before its server ever came', async (t) => {
  const server = await NatsServer.start(t);
  await server.process.kill();
  const bus = openNats({ ...options, url: server.url });
  await bus.close();
  t.is(bus.state, 'closed');
});

test('NATS URLs: hosts, ports, credentials, lists', (t) => {
  t.deepEqual(parseNatsUrl('nats://10.0.0.1:4000'), { servers: ['10.0.0.1:4000'], tls: false });
  t.deepEqual(parseNatsUrl('broker.lan'), { servers: ['broker.lan:4222'], tls: false });
  t.deepEqual(parseNatsUrl('nats://[::1]:4000'), { servers: ['[::1]:4000'], tls: false });
  t.deepEqual(parseNatsUrl('tls://tok%2Fen@h'), { servers: ['h:4222'], tls: true, token: 'tok/en' });
  t.deepEqual(parseNatsUrl('nats://u:p@a, nats://u:p@b:1'), { servers: ['a:4222', 'b:1'], tls: false, user: 'u', password: 'p' });
});

for (const url of [
  '',
  'http://h',
  'nats://',
  'nats://h:99999',
  'nats://h/path',
  'nats://u:p@a,nats://b',
  'nats://a,tls://b',
  'nats://%zz@h',
  'foo bar',
]) {
  test(`"${url}" is not accepted for a NATS server`, (t) => {
    t.is(t.throws(() => parseNatsUrl(url), { instanceOf: MeshError })?.code, 'usage');
  });
}

test('a refused NATS URL is shown without its password', (t) => {
  t.false(t.throws(() => parseNatsUrl('nats://u:s3cret@h:99999'))?.message.includes('s3cret'));
});
