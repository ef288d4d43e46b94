/** Servers that are ready at once, later, or never: each kind of probe asks as whoever comes after it would. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { NotReadyError, whenReady } from '../../../agent/bench/readiness.ts';

const noProgram = (): Promise<null> => Promise.reject(new Error('nobody asked for a program'));

async function listening(t: ExecutionContext, server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('an http server is ready when it answers well', async (t) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked < 3 ? 503 : 204).end();
  });
  const port = await listening(t, server);
  await whenReady({ kind: 'http', url: `http://127.0.0.1:${port}/health` }, noProgram, AbortSignal.timeout(10_000));
  t.is(asked, 3);
});

test('where an http server would lead to is not asked', async (t) => {
  const server = createServer((_request, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end());
  const port = await listening(t, server);
  await whenReady({ kind: 'http', url: `http://127.0.0.1:${port}/` }, noProgram, AbortSignal.timeout(10_000));
  t.pass();
});

test('a port is ready when it takes connections', async (t) => {
  const port = await listening(t, createTcp((socket) => socket.destroy()) as unknown as Server);
  await whenReady({ kind: 'tcp', port }, noProgram, AbortSignal.timeout(10_000));
  t.pass();
});

test('a program is asked until it ends well', async (t) => {
  const codes = [1, null, 0];
  await whenReady({ kind: 'command', argv: ['probe'] }, async () => codes.shift()!, AbortSignal.timeout(10_000));
  t.deepEqual(codes, []);
});

test('what was answered last is said when it is too late', async (t) => {
  const server = createServer((_request, response) => response.writeHead(500).end());
  const port = await listening(t, server);
  const url = `http://127.0.0.1:${port}/`;
  const error = await t.throwsAsync(whenReady({ kind: 'http', url }, noProgram, AbortSignal.timeout(300)), { instanceOf: NotReadyError });
  t.is(error.answer, `${url} answers with status 500`);
});
