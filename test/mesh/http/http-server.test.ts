import test from 'ava';
import { HttpServer } from '../../../mesh/http/http-server.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const limits = { headersMs: 5_000, requestMs: 5_000, idleMs: 5_000, connections: 8 };
const base = { listen: '127.0.0.1:0', option: '--port N', limits };

test('what a handler throws is a bare 500, and told once', async (t) => {
  const bugs: unknown[] = [];
  const boom = new Error('secret detail');
  await using server = await HttpServer.listen({ ...base, handle: () => Promise.reject(boom), onBug: (error) => bugs.push(error) });
  const response = await fetch(`http://${server.address}/`);
  t.deepEqual([response.status, await response.text()], [500, '']);
  t.deepEqual(bugs, [boom]);
});

test('a client that goes away aborts the work for it', async (t) => {
  let reason: unknown;
  let began = false;
  const handle = (_: unknown, __: unknown, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      began = true;
      signal.addEventListener('abort', () => {
        reason = signal.reason;
        resolve();
      });
    });
  await using server = await HttpServer.listen({ ...base, handle, onBug: (error) => t.fail(String(error)) });
  const client = new AbortController();
  const answer = fetch(`http://${server.address}/`, { signal: client.signal });
  await waitUntil('the request', () => began);
  client.abort();
  await t.throwsAsync(answer);
  await waitUntil('the signal', () => reason !== undefined);
  t.like(reason, { code: 'lost' });
});

test('a stop lets answers finish that are quick enough, and cuts off those that are not', async (t) => {
  const waiting: (() => void)[] = [];
  const server = await HttpServer.listen({
    ...base,
    handle: async (request, response, signal) => {
      if (request.url === '/slow') await new Promise<void>((resolve) => void waiting.push(resolve));
      else await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      response.end('done');
    },
    onBug: () => {},
  });
  const slow = fetch(`http://${server.address}/slow`).then((response) => response.text());
  await waitUntil('the request', () => waiting.length === 1);
  const hanging = t.throwsAsync(fetch(`http://${server.address}/hangs`));
  const stopped = server.stop(300);
  waiting[0]!();
  t.is(await slow, 'done');
  await hanging;
  await stopped;
  await t.throwsAsync(fetch(`http://${server.address}/`));
});
