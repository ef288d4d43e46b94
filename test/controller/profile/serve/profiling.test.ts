import test from 'ava';
import { StoredProfiler } from '../../../../controller/predict/stored-profiler.ts';
import { requestFields } from '../../../../controller/profile/serve/request-fields.ts';
import { MeshError } from '../../../../mesh/error.ts';
import { rawRequest } from '../../../helpers/raw-http.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { violations } from '../../report/json-schema.ts';
import { device, post, publishedRequest, serve } from './harness.ts';

const JSON_TYPE = 'application/json';
const small = { ...Object.fromEntries(requestFields.map(({ name }) => [name, 2])), model: 'm' };

/** What the published service writes for its published request, up to its closing bracket; a prediction of 66666666 s is 66666666.0 in Python. */
const publishedAnswer = `{
  "message": "Profiling data received",
  "model_characteristics": {
    "conv_layers": 66666666,
    "fc_layers": 34535353535,
    "filter_details": 66,
    "model": "model",
    "model_input_size": 345343543,
    "model_output_size": 123421435,
    "pool_layers": 77777777,
    "total_parameters": 10000000000000000000
  },
  "profiling_prediction": {
    "class": "Computer",
    "device_model": "Raspberry Pi 4B",
    "model": "model",
    "node": "pi1",
    "node_uuid": "4e849968-21fc-11ed-a346-000000000pi1",
    "predicted_execution_time": 66666666.0
  },
  "status": "success"`;

test('the published request gets the published answer, byte for byte; ours stands behind it', async (t) => {
  const { url, profiler } = await serve(t);
  const response = await post(`${url}/api/profiling`, publishedRequest, JSON_TYPE);
  t.is(response.status, 200);
  t.is(response.headers.get('content-type'), 'application/json');
  const text = await response.text();
  t.is(text.slice(0, publishedAnswer.length), publishedAnswer);
  t.true(text.endsWith('\n}\n'));
  const answer = JSON.parse(text);
  t.deepEqual(Object.keys(answer), [
    ...['message', 'model_characteristics', 'profiling_prediction', 'status', 'alternatives', 'interval', 'interval_note', 'measurements'],
    ...['extrapolates', 'contributions', 'state_age_seconds', 'left_out', 'unused_fields'],
  ]);
  t.deepEqual(
    answer.alternatives.map(({ node, predicted_execution_time: seconds }: { node: string; predicted_execution_time: number }) => [
      node,
      seconds,
    ]),
    [
      ['pi2', 2 * 66666666],
      ['rare', 4 * 66666666],
    ],
  );
  t.deepEqual(answer.interval, { high: 2 * 66666666, low: 33333333 });
  t.is(answer.interval_note, null);
  t.deepEqual(profiler.subjects, [
    {
      model: 'model',
      characteristics: { convLayers: 66666666, poolLayers: 77777777, fcLayers: 34535353535, filterDetails: 66, totalParameters: 1e19 },
      inputBytes: 345343543,
      outputBytes: 123421435,
    },
  ]);
});

test('a device with too few measurements is not hidden: its interval has no upper end, and says why', async (t) => {
  const { url } = await serve(t, { states: { now: async () => [device('rare', 0), device('pi2', 50)] } });
  const answer = (await (await post(`${url}/api/profiling`, JSON.stringify(small), JSON_TYPE)).json()) as Record<string, unknown>;
  t.like(answer, { profiling_prediction: { node: 'rare' }, interval: { high: null, low: 0 } });
  t.regex(String(answer.interval_note), /^infinite: 2 measurements of this device are too few/);
});

test('fields that nobody asked for are accepted, sent back and named; model_name is not sent back', async (t) => {
  const { url } = await serve(t);
  const body = JSON.stringify({ ...small, 'cpu_usage(percentage)': 95, model_name: 'x', device_type: 'ü' });
  const text = await (await post(`${url}/api/profiling`, body, 'application/vnd.x+json; charset=UTF-8')).text();
  t.regex(text, /"cpu_usage\(percentage\)": 95,\n {4}"device_type": "\\u00fc",/);
  const answer = JSON.parse(text);
  t.false('model_name' in answer.model_characteristics);
  t.deepEqual(answer.unused_fields, ['cpu_usage(percentage)', 'model_name', 'device_type']);
});

test('all that is wrong is said at once', async (t) => {
  const { url, profiler } = await serve(t);
  const body = {
    model: '',
    conv_layers: -1,
    pool_layers: 1.5,
    fc_layers: '3',
    filter_details: null,
    total_parameters: [1],
    model_input_size: { a: 1 },
  };
  const response = await post(`${url}/api/profiling`, JSON.stringify(body), JSON_TYPE);
  t.is(response.status, 400);
  const expected = 'a whole number of at least 0';
  t.deepEqual(await response.json(), {
    status: 'error',
    message: 'there are 8 problems with the request',
    problems: [
      { field: 'model', problem: 'it is an empty text', expected: 'a text of 1 to 256 characters' },
      { field: 'conv_layers', problem: 'it is -1', expected },
      { field: 'pool_layers', problem: 'it is 1.5', expected },
      { field: 'fc_layers', problem: 'it is "3"', expected },
      { field: 'filter_details', problem: 'it is null', expected },
      { field: 'total_parameters', problem: 'it is a list', expected },
      { field: 'model_input_size', problem: 'it is an object', expected },
      { field: 'model_output_size', problem: 'it is missing', expected },
    ],
  });
  t.deepEqual(profiler.subjects, []);
});

test('a whole number may come with a point: some clients know only one kind', async (t) => {
  const { url } = await serve(t);
  const response = await post(`${url}/api/profiling`, JSON.stringify(small).replace('"conv_layers":2', '"conv_layers":2.0'), JSON_TYPE);
  t.regex(await response.text(), /"conv_layers": 2\.0,/);
});

const refused: readonly (readonly [what: string, body: string | Uint8Array, type: string | undefined, status: number, message: RegExp])[] =
  [
    ['no JSON', '{"model"', JSON_TYPE, 400, /a problem with the request/],
    ['a list', '[]', JSON_TYPE, 400, /a problem with the request/],
    ['nothing', '', JSON_TYPE, 400, /a problem with the request/],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), JSON_TYPE, 400, /not UTF-8/],
    ['a form', 'model=x', 'application/x-www-form-urlencoded', 415, /expected application\/json/],
    ['no type', Uint8Array.of(123, 125), undefined, 415, /said to be nothing/],
    ['another charset', '{}', 'application/json; charset=utf-16', 415, /expected application\/json in UTF-8/],
    ['too much', `{"model": "${'x'.repeat(300_000)}"}`, JSON_TYPE, 413, /more than 256 KiB/],
    ['brackets', '['.repeat(100_000), JSON_TYPE, 400, /a problem with the request/],
    ['the prototype', '{"__proto__": {"model": "x", "conv_layers": 1}}', JSON_TYPE, 400, /8 problems/],
    ['the constructor', '{"constructor": 1, "toString": 2}', JSON_TYPE, 400, /8 problems/],
  ];

for (const [what, body, type, status, message] of refused) {
  test(`refused: ${what}`, async (t) => {
    const { url, bugs } = await serve(t);
    const response = await post(`${url}/api/profiling`, body, type);
    t.is(response.status, status);
    const answer = (await response.json()) as { message: string; status: string };
    t.is(answer.status, 'error');
    t.regex(answer.message, message);
    t.deepEqual(bugs, []);
  });
}

test('ten thousand fields are accepted as any others', async (t) => {
  const { url } = await serve(t);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]));
  const answer = (await (await post(`${url}/api/profiling`, JSON.stringify({ ...small, ...many }), JSON_TYPE)).json()) as {
    unused_fields: string[];
  };
  t.is(answer.unused_fields.length, 10_000);
});

const devicesThatDoNotDo: readonly (readonly [
  what: string,
  states: () => Promise<readonly ReturnType<typeof device>[]>,
  answer: object,
])[] = [
  ['none is known', async () => [], { message: 'no device is known' }],
  [
    'all are stale or incomplete',
    async () => [device('pi1', 0, ['its metrics are 75 s old', 'its disk in use is not known'])],
    {
      message: 'of no device the present state is known well enough',
      left_out: [{ node: 'pi1', reasons: ['its metrics are 75 s old', 'its disk in use is not known'] }],
    },
  ],
  [
    'nobody answers who knows them',
    () => Promise.reject(new MeshError('unreachable', "the Prometheus can't be reached")),
    { message: "the state of the devices is not known: the Prometheus can't be reached" },
  ],
];

for (const [what, now, answer] of devicesThatDoNotDo) {
  test(`503 and no guess when of the devices ${what}`, async (t) => {
    const { url, profiler } = await serve(t, { states: { now } });
    const response = await post(`${url}/api/profiling`, JSON.stringify(small), JSON_TYPE);
    t.deepEqual([response.status, response.headers.get('retry-after')], [503, '5']);
    t.deepEqual(await response.json(), { status: 'error', ...answer });
    t.deepEqual(profiler.subjects, []);
  });
}

test('a device that can not be used is left out with its reasons, one that is not predicted too', async (t) => {
  const states = { now: async () => [device('pi1', 0, ['it is draining']), device('pi2', 50), device('pi3', 0)] };
  const only = {
    predict: async () => [
      { node: 'pi2', prediction: { ms: 5, interval: { low: 4, high: 6 }, measurements: 9, extrapolates: [], contributions: [] } },
    ],
  };
  const { url } = await serve(t, { states, profiler: only });
  const answer = (await (await post(`${url}/api/profiling`, JSON.stringify(small), JSON_TYPE)).json()) as Record<string, unknown>;
  t.like(answer, { profiling_prediction: { node: 'pi2', predicted_execution_time: 0.005 }, alternatives: [] });
  t.deepEqual(answer.left_out, [
    { node: 'pi1', reasons: ['it is draining'] },
    { node: 'pi3', reasons: ['the profiler has no prediction for it'] },
  ]);
});

test('a profiler that has learned nothing, has nothing to say, or refuses', async (t) => {
  const statusOf = async (predict: () => Promise<never[]>): Promise<readonly [number, string]> => {
    const { url } = await serve(t, { profiler: { predict } });
    const response = await post(`${url}/api/profiling`, JSON.stringify(small), JSON_TYPE);
    return [response.status, ((await response.json()) as { message: string }).message];
  };
  const folder = await tempFolder(t);
  const untrained = new StoredProfiler({ folder, cacheFolder: folder, env: {}, now: () => 0, runName: () => 'run', say: () => {} });
  t.deepEqual(await statusOf(async () => untrained.predict({} as never, [], new AbortController().signal) as never), [
    503,
    'nothing was measured yet that times could be predicted from',
  ]);
  t.deepEqual(await statusOf(async () => []), [503, 'the profiler can predict for none of the devices']);
  t.deepEqual(await statusOf(() => Promise.reject(new MeshError('unsupported', 'no'))), [422, 'no']);
});

test('a mistake of ours is a bare 500: nothing of it is shown', async (t) => {
  const { url, bugs } = await serve(t, { profiler: { predict: () => Promise.reject(new TypeError('secret at /home/me')) } });
  const response = await post(`${url}/api/profiling`, JSON.stringify(small), JSON_TYPE);
  t.deepEqual([response.status, await response.text()], [500, '']);
  t.is(bugs.length, 1);
});

test('other ways and methods', async (t) => {
  const { url } = await serve(t);
  const wrong = await fetch(`${url}/api/profiling`);
  t.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST']);
  t.is((await post(`${url}/openapi.json`, '')).status, 405);
  for (const path of ['/api', '/api/profiling/', '/constructor', '/__proto__', '/..%2f'])
    t.is((await fetch(`${url}${path}`)).status, 404, path);
  t.regex(await (await fetch(url)).text(), /POST \/api\/profiling/);
  t.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok' });
  t.is((await fetch(`${url}/healthz`, { method: 'HEAD' })).status, 200);
});

const lies: readonly (readonly [what: string, head: string, body: string, answer: RegExp])[] = [
  ['two lengths', 'content-length: 5\r\ncontent-length: 6', '{}', /^HTTP\/1\.1 400 /],
  ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked', '0\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['a chunk that is not as long as it says', 'transfer-encoding: chunked', 'ffffffffffffffffff\r\n{}', /^HTTP\/1\.1 400 /],
  ['a chunk of no number', 'transfer-encoding: chunked', 'xyz\r\n{}', /^HTTP\/1\.1 400 /],
  ['huge headers', `big: ${'x'.repeat(100_000)}`, '', /^HTTP\/1\.1 431 /],
  ['a length beyond all limits', 'content-length: 99999999999', '{', /^HTTP\/1\.1 413 /],
  ['a body that is gzip', 'content-encoding: gzip\r\ncontent-length: 2', '{}', /^HTTP\/1\.1 415 /],
];

for (const [what, head, body, answer] of lies) {
  test(`a request with ${what} is refused, and the next one is answered`, async (t) => {
    const { url, port, bugs } = await serve(t);
    const raw = `POST /api/profiling HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n${head}\r\n\r\n${body}`;
    t.regex(await rawRequest(port, raw), answer);
    t.is((await fetch(`${url}/healthz`)).status, 200);
    t.deepEqual(bugs, []);
  });
}

test('who does not finish its body is cut off', async (t) => {
  const { port, bugs } = await serve(t, {}, { headersMs: 200, requestMs: 300 });
  const raw = 'POST /api/profiling HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a":';
  t.regex(await rawRequest(port, raw), /^(HTTP\/1\.1 408 |$)/);
  t.deepEqual(bugs, []);
});

test('every answer is as the description says', async (t) => {
  const { url } = await serve(t);
  const description = (await (await fetch(`${url}/openapi.json`)).json()) as Record<string, unknown>;
  const schemaOf = (path: string, method: string, status: number): Record<string, unknown> => {
    const paths = description.paths as Record<
      string,
      Record<string, { responses: Record<string, { content: Record<string, { schema: Record<string, unknown> }> }> }>
    >;
    return paths[path]![method]!.responses[status]!.content['application/json']!.schema;
  };
  const check = async (path: string, method: 'get' | 'post', response: Response): Promise<void> => {
    t.deepEqual(violations(await response.json(), schemaOf(path, method, response.status), description), [], `${path} ${response.status}`);
  };
  const request = (path: string, body: string, type = JSON_TYPE): Promise<void> =>
    post(`${url}${path}`, body, type).then((response) => check(path, 'post', response));
  await request('/api/profiling', publishedRequest);
  await request('/api/profiling', '{}');
  await request('/api/profiling', '', 'text/plain');
  await request('/api/profiling', ' '.repeat(300_000));
  await request('/api/model', 'not ONNX', 'application/octet-stream');
  await request('/api/model', 'x', 'text/plain');
  await request('/api/model', 'x'.repeat(70_000), 'application/octet-stream');
  const none = await serve(t, { states: { now: async () => [device('pi1', 0, ['it is draining'])] } });
  await check('/api/profiling', 'post', await post(`${none.url}/api/profiling`, publishedRequest, JSON_TYPE));
  await check('/healthz', 'get', await fetch(`${url}/healthz`));
  const schemas = (description.components as { schemas: Record<string, Record<string, unknown>> }).schemas;
  t.deepEqual(violations(JSON.parse(publishedRequest), schemas.ProfilingRequest!, description), []);
  const wrong = { ...small, model: '', fc_layers: -1, pool_layers: 'x', filter_details: 1.5 };
  t.is(violations(wrong, schemas.ProfilingRequest!, description).length, 4);
});
