import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { QueryName } from '../../../../controller/profile/device-state/prometheus-queries.ts';
import {
  PrometheusStates,
  type PrometheusStatesOptions,
  parsePrometheusUrl,
} from '../../../../controller/profile/device-state/prometheus-states.ts';
import { freePort } from '../../../helpers/ports.ts';
import type { Scope } from '../../../helpers/scope.ts';
import { apiBody, goodAnswers, nameOfQuery } from './answers.ts';

const never = new AbortController().signal;

interface Source {
  readonly url: string;
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
}

/** A server that answers each query with what `say` makes of it. */
async function source(t: Scope, say: (query: QueryName, response: ServerResponse) => void): Promise<Source> {
  const requests: { path: string; authorization: string | undefined }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = new URLSearchParams(await new Response(request as unknown as ReadableStream).text());
    requests.push({ path: `${request.method} ${request.url}`, authorization: request.headers.authorization });
    say(nameOfQuery(body.get('query') ?? '')!, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function statesOf(url: string, options: Partial<PrometheusStatesOptions> = {}): PrometheusStates {
  const warn = (): void => {};
  return new PrometheusStates({ url: new URL(url), timeoutMs: 2_000, staleAfterMs: 60_000, onWarning: warn, ...options });
}

const good = (query: QueryName, response: ServerResponse): void => void response.end(JSON.stringify(apiBody(goodAnswers()[query])));

test('asks once for each part and joins what it hears; a path and a login of the URL are used, the login as a header', async (t) => {
  const { url, requests } = await source(t, good);
  const states = await statesOf(`${url.replace('//', '//me:s%3Acret@')}/prometheus/`).now(never);
  t.deepEqual(
    states.map(({ node, problems }) => [node, problems.length]),
    [
      ['pi1', 0],
      ['pi2', 0],
    ],
  );
  t.is(requests.length, 13);
  t.deepEqual(new Set(requests.map(({ path }) => path)), new Set(['POST /prometheus/api/v1/query']));
  t.is(requests[0]!.authorization, `Basic ${Buffer.from('me:s:cret').toString('base64')}`);
});

test('a part that fails is unknown, and said; the rest counts', async (t) => {
  const warnings: string[] = [];
  const { url } = await source(t, (query, response) => {
    if (query === 'memoryUsedPercent') response.writeHead(503).end(JSON.stringify({ status: 'error', error: 'query timed out' }));
    else good(query, response);
  });
  const states = await statesOf(url, { onWarning: (message) => warnings.push(message) }).now(never);
  t.deepEqual(states[0]!.problems, ['its memory in use is not known']);
  t.regex(warnings.join(), /^memoryUsedPercent is not known: the Prometheus at .* says: query timed out$/);
});

test('a warning of the Prometheus is passed on', async (t) => {
  const warnings: string[] = [];
  const { url } = await source(t, (query, response) => {
    response.end(
      JSON.stringify({ ...(apiBody(goodAnswers()[query]) as object), ...(query === 'up' ? { warnings: ['a store is missing'] } : {}) }),
    );
  });
  await statesOf(url, { onWarning: (message) => warnings.push(message) }).now(never);
  t.deepEqual(warnings, ['a store is missing']);
});

test('nothing is known to a Prometheus that has scraped nothing', async (t) => {
  const { url } = await source(t, (_, response) => void response.end(JSON.stringify(apiBody([]))));
  t.deepEqual(await statesOf(url).now(never), []);
});

const broken: readonly (readonly [what: string, say: (response: ServerResponse) => void, code: string, message: RegExp])[] = [
  [
    'says no',
    (response) => response.writeHead(422).end('{"status":"error","errorType":"execution","error":"too many"}'),
    'failed',
    /says: too many$/,
  ],
  ['is no Prometheus', (response) => response.end('<html>'), 'invalid', /status 200 and no JSON/],
  [
    'sends a matrix',
    (response) => response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}'),
    'invalid',
    /without a vector/,
  ],
  ['sends null', (response) => response.end('null'), 'invalid', /no object/],
  [
    'sends half a series',
    (response) => response.end('{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}'),
    'invalid',
    /expected metric and value/,
  ],
  ['hangs', () => {}, 'timeout', /did not answer within 0.2 s/],
  [
    'breaks off',
    (response) => void response.writeHead(200, { 'content-length': 9 }).write('{', () => response.destroy()),
    'unreachable',
    /./,
  ],
  ['sends without end', (response) => void endless(response), 'invalid', /more than 16777216 bytes/],
];

function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(2 ** 16)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

for (const [what, say, code, message] of broken) {
  test(`an error when it ${what}`, async (t) => {
    const { url } = await source(t, (query, response) => (query === 'devices' ? say(response) : good(query, response)));
    await t.throwsAsync(statesOf(url, what === 'hangs' ? { timeoutMs: 200 } : { timeoutMs: 10_000 }).now(never), { code, message });
  });
}

test('nobody there; given up', async (t) => {
  await t.throwsAsync(statesOf(`http://127.0.0.1:${await freePort()}`).now(never), { code: 'unreachable', message: /ECONNREFUSED/ });
  const { url } = await source(t, () => {});
  const reason = new Error('enough');
  const waiting = statesOf(url).now(AbortSignal.timeout(50));
  await t.throwsAsync(waiting, { name: 'TimeoutError' });
  await t.throwsAsync(statesOf(url).now(AbortSignal.abort(reason)), { is: reason });
});

test('URLs', (t) => {
  t.is(parsePrometheusUrl('http://h:9090/x').pathname, '/x');
  for (const url of ['h:9090', 'ftp://h', '', 'nats://h:1']) t.throws(() => parsePrometheusUrl(url), { code: 'usage' }, url);
});
