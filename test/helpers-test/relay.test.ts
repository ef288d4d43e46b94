import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import { startRelay } from '../helpers/relay.ts';
import type { Scope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** A server that sends back what it gets, and ends when its client does. */
async function startEcho(t: Scope): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function dial(t: Scope, address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port), allowHalfOpen: true });
  t.teardown(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  await waitUntil('connected or refused', () => socket.readyState === 'open' || socket.closed);
  return socket;
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function timed<T>(work: () => Promise<T>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

test('bytes arrive unchanged, and so does the end of each direction', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  const socket = await dial(t, relay.address);
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
  socket.end(sent);
  t.true(sent.equals(await readAll(socket)));
  await waitUntil('the connection is forgotten', () => relay.connections === 0);
});

test('a delay holds every byte back for at least that long, each way', async (t) => {
  const relay = await startRelay(t, await startEcho(t), { delayMs: 60 });
  const socket = await dial(t, relay.address);
  const roundTrip = async () => {
    socket.write('x');
    await once(socket, 'data');
  };
  t.true((await timed(roundTrip)) >= 118);
  relay.set({ delayMs: 0 });
  await roundTrip();
});

test('a bandwidth limit lets no more through', async (t) => {
  const relay = await startRelay(t, await startEcho(t), { bytesPerSecond: 1_000_000 });
  const socket = await dial(t, relay.address);
  const sent = Buffer.alloc(200_000, 'x');
  const tookMs = await timed(async () => {
    socket.end(sent);
    t.is((await readAll(socket)).byteLength, sent.byteLength);
  });
  t.true(tookMs >= 190, `${tookMs} ms`);
});

test('a cut resets connections and refuses new ones until it is mended', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  const socket = await dial(t, relay.address);
  socket.write('x');
  await once(socket, 'data');
  relay.cut();
  await waitUntil('reset', () => socket.closed);
  t.is(socket.errored && (socket.errored as NodeJS.ErrnoException).code, 'ECONNRESET');

  const refused = await dial(t, relay.address);
  await waitUntil('refused', () => refused.closed);

  relay.mend();
  const again = await dial(t, relay.address);
  again.write('y');
  t.is(String((await once(again, 'data'))[0]), 'y');
});

test('a frozen network keeps connections open and silent, then everything arrives', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  const socket = await dial(t, relay.address);
  socket.write('a');
  await once(socket, 'data');

  relay.freeze();
  let heard = '';
  socket.on('data', (text) => {
    heard += text;
  });
  socket.write('b');
  const late = await dial(t, relay.address);
  late.write('c');
  // What another connection can do meanwhile, this one could have done too.
  const direct = await dial(t, await startEcho(t));
  direct.write('d');
  await once(direct, 'data');
  t.is(heard, '');
  t.false(socket.destroyed);

  relay.mend();
  t.is(String((await once(late, 'data'))[0]), 'c');
  await waitUntil('b arrived', () => heard === 'b');
});

test('a target that is not there resets the client', async (t) => {
  const relay = await startRelay(t, '127.0.0.1:1');
  const socket = await dial(t, relay.address);
  await waitUntil('reset', () => socket.closed);
  t.is(relay.connections, 0);
});
