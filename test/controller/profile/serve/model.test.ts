import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { type FormEvent, readForm } from '../../../../controller/profile/serve/multipart.ts';
import { cachedZooModel } from '../../../../partition/zoo/cache.ts';
import { findZooModel } from '../../../../partition/zoo/catalogue.ts';
import { ModelProto, TensorProto, TensorProto_DataLocation } from '../../../../proto/gen/onnx/onnx.ts';
import { tinyModel } from '../../../fixtures/tiny-onnx.ts';
import { sharedCache } from '../../../helpers/shared-cache.ts';
import { waitUntil } from '../../../helpers/wait-until.ts';
import { device, post, serve } from './harness.ts';

const FILE = 'application/octet-stream';
const tiny = tinyModel(
  [{ name: 'x', type: 1, dims: ['batch', 3] }],
  [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  [{ name: 'y', type: 1, dims: ['batch', 3] }],
);
const lenet = await readFile(await cachedZooModel(findZooModel('lenet')!, sharedCache()));
const states = { now: async () => [device('pi1', 0)] };

interface Answer {
  readonly message: string;
  readonly model_characteristics: Readonly<Record<string, unknown>>;
}

test('an ONNX file gets its characteristics and the prediction; nothing of it stays', async (t) => {
  const { url, profiler, tempFolder } = await serve(t, { states, modelBytesMax: 2 ** 20 });
  const response = await post(`${url}/api/model?model=LeNet`, lenet, FILE);
  t.is(response.status, 200);
  const answer = (await response.json()) as Answer;
  t.deepEqual(answer.model_characteristics, {
    conv_layers: profiler.subjects[0]!.characteristics.convLayers,
    fc_layers: profiler.subjects[0]!.characteristics.fcLayers,
    filter_details: profiler.subjects[0]!.characteristics.filterDetails,
    model: 'LeNet',
    model_input_size: profiler.subjects[0]!.inputBytes,
    model_output_size: profiler.subjects[0]!.outputBytes,
    pool_layers: profiler.subjects[0]!.characteristics.poolLayers,
    total_parameters: profiler.subjects[0]!.characteristics.totalParameters,
  });
  t.true(profiler.subjects[0]!.characteristics.convLayers >= 2);
  t.regex(profiler.subjects[0]!.onnxPath!, /model\.onnx$/);
  t.like(answer, { profiling_prediction: { model: 'LeNet', node: 'pi1' }, status: 'success' });
  t.deepEqual(await readdir(tempFolder), []);
});

test('a form with one file is as good; its other fields are nobody’s business', async (t) => {
  const { url, profiler } = await serve(t, { states });
  const form = new FormData();
  form.set('model_input_size', '12');
  form.set('file', new Blob([tiny]), 'C:\\models\\tiny.onnx');
  form.set('note', 'x'.repeat(1000));
  const answer = (await (await post(`${url}/api/model`, form)).json()) as Answer;
  t.like(answer.model_characteristics, {
    model: 'tiny.onnx',
    conv_layers: 0,
    total_parameters: 0,
    model_input_size: 12,
    model_output_size: 12,
  });
  t.is(profiler.subjects.length, 1);
});

test('sizes that the model leaves open are null', async (t) => {
  const { url } = await serve(t, { states });
  const open = tinyModel(
    [{ name: 'x', type: 1, dims: [1, 'width'] }],
    [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
    [{ name: 'y', type: 1, dims: [1, 'width'] }],
  );
  const answer = (await (await post(`${url}/api/model`, open, FILE)).json()) as Answer;
  t.like(answer.model_characteristics, { model: 'model', model_input_size: null, model_output_size: null });
});

/** A model whose weight is said to be in another file. */
function external(location: string): Uint8Array {
  const model = ModelProto.decode(tiny);
  const entry = { key: 'location', value: location };
  model.graph!.initializer = [
    TensorProto.fromPartial({ name: 'w', dims: [4n], dataType: 1, dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: [entry] }),
  ];
  return ModelProto.encode(model).finish();
}

const broken: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['nothing', new Uint8Array(0), /^LeNet is not an ONNX model: it is empty/],
  ['a text', Buffer.from('hello, world'), /^LeNet is /],
  ['half a model', lenet.subarray(0, lenet.length >> 1), /^LeNet is cut off or damaged/],
  ['a model without a graph', ModelProto.encode(ModelProto.fromPartial({ irVersion: 8n })).finish(), /it holds no graph/],
  ['weights elsewhere', external('weights.bin'), /should be in weights\.bin, and there is no such file/],
  ['weights of this machine', external('../../../../../etc/passwd'), /expected a file in the model's folder/],
  ['weights of this machine, by name', external('/etc/passwd'), /expected a file in the model's folder/],
];

for (const [what, bytes, message] of broken) {
  test(`422 with the reason: ${what}; no path of this machine is shown`, async (t) => {
    const { url, tempFolder, bugs } = await serve(t, { states, modelBytesMax: 2 ** 20 });
    const response = await post(`${url}/api/model?model=LeNet`, bytes, FILE);
    t.is(response.status, 422);
    const text = await response.text();
    t.regex((JSON.parse(text) as Answer).message, message);
    t.false(text.includes(tempFolder), text);
    t.deepEqual(await readdir(tempFolder), []);
    t.deepEqual(bugs, []);
  });
}

test('whatever bytes come, it is an answer', async (t) => {
  const { url, bugs } = await serve(t, { states });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(), async (noise, at) => {
      const damaged = Buffer.from(tiny);
      damaged.set(noise.subarray(0, 3), at % (tiny.length - 3));
      for (const bytes of [noise, damaged]) t.true([200, 422].includes((await post(`${url}/api/model`, bytes, FILE)).status));
    }),
    { numRuns: 60 },
  );
  t.deepEqual(bugs, []);
});

test('too large: refused by its length, and when it lies, by its bytes', async (t) => {
  const { url, port, tempFolder } = await serve(t, { states, modelBytesMax: 1000 });
  const said = await post(`${url}/api/model`, new Uint8Array(1001), FILE);
  t.is(said.status, 413);
  t.like(await said.json(), { status: 'error', message: 'the body has more than 1000 bytes' });
  const chunked = `POST /api/model HTTP/1.1\r\nhost: x\r\ncontent-type: ${FILE}\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}`;
  const socket = connect(port, '127.0.0.1', () => socket.write(chunked));
  const [first] = (await once(socket, 'data')) as [Buffer];
  t.regex(first.toString(), /^HTTP\/1\.1 413 /);
  await once(socket, 'close');
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(1000 + 70_000)]), 'a.onnx');
  t.is((await post(`${url}/api/model`, form)).status, 413);
  t.deepEqual(await readdir(tempFolder), []);
});

test('other types are 415, forms without exactly one file 400', async (t) => {
  const { url } = await serve(t, { states });
  t.is((await post(`${url}/api/model`, '{}', 'application/json')).status, 415);
  t.is((await post(`${url}/api/model`, tiny)).status, 415);
  const messageOf = async (body: string | FormData, type?: string): Promise<string> => {
    const response = await post(`${url}/api/model`, body, type);
    t.is(response.status, 400);
    return ((await response.json()) as Answer).message;
  };
  const none = new FormData();
  none.set('a', 'b');
  t.is(await messageOf(none), 'the form has no file');
  const two = new FormData();
  for (const name of ['a', 'b']) two.set(name, new Blob([tiny]), name);
  t.is(await messageOf(two), 'the form has several files; expected one');
  t.regex(await messageOf('x', 'multipart/form-data'), /boundary of the form is missing/);
  t.regex(await messageOf('--b\r\n\r\nx', 'multipart/form-data; boundary=b'), /cut off/);
  t.regex(await messageOf(`--b\r\n${'x'.repeat(5000)}`, 'multipart/form-data; boundary=b'), /endless headers/);
});

test('a client that goes away in the middle leaves nothing behind', async (t) => {
  const { port, tempFolder, bugs } = await serve(t, { states });
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`POST /api/model HTTP/1.1\r\nhost: x\r\ncontent-type: ${FILE}\r\ncontent-length: 5000\r\n\r\n${'x'.repeat(100)}`);
  });
  await waitUntil('the model', async () => (await readdir(tempFolder)).length === 1);
  socket.destroy();
  await waitUntil('its end', async () => (await readdir(tempFolder)).length === 0);
  t.deepEqual(bugs, []);
});

test('a fifth model at once is refused; when one is done the next is taken', async (t) => {
  const { url, port, tempFolder } = await serve(t, { states });
  const sockets = [1, 2, 3, 4].map(() =>
    connect(port, '127.0.0.1', function (this: Socket) {
      this.write(`POST /api/model HTTP/1.1\r\nhost: x\r\ncontent-type: ${FILE}\r\ncontent-length: 50\r\n\r\nx`);
    }),
  );
  await waitUntil('four models', async () => (await readdir(tempFolder)).length === 4);
  const response = await post(`${url}/api/model`, tiny, FILE);
  t.deepEqual([response.status, response.headers.get('retry-after')], [503, '5']);
  for (const socket of sockets) socket.destroy();
  await waitUntil('room', async () => (await post(`${url}/api/model`, tiny, FILE)).status === 200);
});

test('a form is the same however it is cut into pieces', async (t) => {
  const content = Buffer.from('\r\n--b\r\r\n-\r\n--\r\n--bouncy\r\n');
  const form = (bytes: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('pre\r\n--boundary\r\ncontent-disposition: form-data; name="f"; filename="m"\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--boundary--\r\nend'),
    ]);
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      async (noise, sizes) => {
        const sent = Buffer.concat([content, noise]);
        if (sent.includes('\r\n--boundary')) return;
        const events: FormEvent[] = [];
        for await (const event of readForm(pieces(form(sent), sizes), 'boundary')) events.push(event);
        t.deepEqual(events[0], { kind: 'part', fileName: 'm' });
        t.deepEqual(Buffer.concat(events.flatMap((event) => (event.kind === 'bytes' ? [event.bytes] : []))), sent);
      },
    ),
  );
});

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
