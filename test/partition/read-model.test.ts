import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../mesh/error.ts';
import { buildGraph } from '../../partition/graph.ts';
import { listLayers } from '../../partition/layers.ts';
import { payloadLength, readPayload } from '../../partition/payload.ts';
import { readModel, readModelFile } from '../../partition/read-model.ts';
import { streamWritten, writeModel } from '../../partition/write-model.ts';
import { ModelProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { conv, floats, type ModelParts, modelBytes, node, subgraph, tensor } from './support/build.ts';

const first = conv('first', 'x', 'a', [3, 16]);
const parts: ModelParts = {
  nodes: [first.node, node('Relu', ['a'], ['y'])],
  inputs: [tensor('x', [1, 3, 8, 8])],
  outputs: [tensor('y', [1, 16, 8, 8])],
  initializers: [first.weight],
};

function errorOf(run: () => unknown): MeshError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof MeshError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was wrong');
}

/** A model whose one weight is said to be in a file beside it. */
function externalModel(entries: Record<string, string>, dims: readonly number[] = [16, 3, 3, 3]): Uint8Array {
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const weight = TensorProto.fromPartial({ name: 'first.w', dims: dims.map(BigInt), dataType: 1, dataLocation: 1, externalData });
  return modelBytes({ ...parts, initializers: [weight] });
}

const WEIGHT_BYTES = 16 * 27 * 4;

test('a weight of more than a kilobyte stays in the file, as a range of it', async (t) => {
  const path = join(await tempFolder(t), 'model.onnx');
  await writeFile(path, modelBytes(parts));
  const model = readModelFile(path);
  const weight = model.proto.graph!.initializer[0]!;
  t.is(weight.rawData, undefined);
  t.deepEqual(weight.externalData, []);
  const payload = model.payloads.get(weight)!;
  t.like(payload, { kind: 'file', path, length: WEIGHT_BYTES });
  t.deepEqual(Buffer.from(readPayload(payload)), first.weight.rawData);
});

test('weights written as packed floats are found where they lie, too', (t) => {
  const { rawData, ...rest } = first.weight;
  const packed = TensorProto.fromPartial({ ...rest, floatData: [rawData!] });
  const model = readModel(modelBytes({ ...parts, initializers: [packed] }), 'packed');
  t.deepEqual(Buffer.from(readPayload(model.payloads.get(model.proto.graph!.initializer[0]!)!)), rawData);
});

test('what is read and written is the same model, unknown fields included', async (t) => {
  const future = ModelProto.encode({
    ...ModelProto.fromPartial({}),
    _unknownFields: { [(99 << 3) | 2]: [Uint8Array.of(2, 7, 7)] },
  }).finish();
  const bytes = Buffer.concat([modelBytes(parts), future]);
  const written = writeModel(readModel(bytes, 'original'));
  const again: Uint8Array[] = [];
  for await (const chunk of streamWritten(written)) again.push(Uint8Array.from(chunk));
  t.is(Buffer.concat(again).length, written.bytes);
  t.deepEqual(ModelProto.decode(Buffer.concat(again)), ModelProto.decode(bytes));
});

test('external data is a range of the file it names', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'data/weights.bin'), Buffer.concat([Buffer.alloc(64), first.weight.rawData!]));
  await writeFile(join(folder, 'model.onnx'), externalModel({ location: 'data/weights.bin', offset: '64' }));
  const model = readModelFile(join(folder, 'model.onnx'));
  const payload = model.payloads.get(model.proto.graph!.initializer[0]!)!;
  t.like(payload, { kind: 'file', offset: 64, length: WEIGHT_BYTES });
  t.deepEqual(Buffer.from(readPayload(payload)), first.weight.rawData);
});

for (const location of ['../weights.bin', '/etc/hostname', '', 'data/../../weights.bin', 'a\0b', '.']) {
  test(`external data may not be in ${JSON.stringify(location)}`, async (t) => {
    const folder = join(await tempFolder(t), 'model');
    await mkdir(folder);
    await writeFile(join(folder, '../weights.bin'), Buffer.alloc(WEIGHT_BYTES));
    await writeFile(join(folder, 'model.onnx'), externalModel({ location }));
    const error = errorOf(() => readModelFile(join(folder, 'model.onnx')));
    t.is(error.code, 'denied');
    t.regex(error.message, /first\.w/);
  });
}

test('external data behind a link out of the folder is refused', async (t) => {
  const folder = join(await tempFolder(t), 'model');
  await mkdir(folder);
  await writeFile(join(folder, '../weights.bin'), Buffer.alloc(WEIGHT_BYTES));
  await symlink('../weights.bin', join(folder, 'weights.bin'));
  await writeFile(join(folder, 'model.onnx'), externalModel({ location: 'weights.bin' }));
  t.is(errorOf(() => readModelFile(join(folder, 'model.onnx'))).code, 'denied');
});

test('a download cache that links model and data into one folder is fine', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'blobs'));
  await mkdir(join(folder, 'snapshot'));
  await writeFile(join(folder, 'blobs/1'), externalModel({ location: 'weights.bin' }));
  await writeFile(join(folder, 'blobs/2'), Buffer.alloc(WEIGHT_BYTES));
  await symlink('../blobs/1', join(folder, 'snapshot/model.onnx'));
  await symlink('../blobs/2', join(folder, 'snapshot/weights.bin'));
  t.is(readModelFile(join(folder, 'snapshot/model.onnx')).payloads.size, 1);
});

const badRanges: readonly [string, Record<string, string>, RegExp][] = [
  ['behind the end', { offset: '8' }, /needs bytes 8 to 1736 of .*weights\.bin, which has 1728/],
  ['shorter than its shape', { length: '16' }, /has 16 bytes, its shape \[16, 3, 3, 3\] needs 1728/],
  ['negative', { offset: '-4' }, /offset is "-4"; expected a number of bytes/],
  ['absurd', { length: '9'.repeat(30) }, /length is "9+"; expected a number of bytes/],
];
for (const [what, entries, message] of badRanges) {
  test(`a range of external data that is ${what} is refused`, async (t) => {
    const folder = await tempFolder(t);
    await writeFile(join(folder, 'weights.bin'), Buffer.alloc(WEIGHT_BYTES));
    await writeFile(join(folder, 'model.onnx'), externalModel({ location: 'weights.bin', ...entries }));
    const error = errorOf(() => readModelFile(join(folder, 'model.onnx')));
    t.is(error.code, 'invalid');
    t.regex(error.message, message);
  });
}

test('a missing data file is named', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'model.onnx'), externalModel({ location: 'weights.bin' }));
  const error = errorOf(() => readModelFile(join(folder, 'model.onnx')));
  t.is(error.code, 'not-found');
  t.regex(error.message, /tensor "first\.w" should be in .*weights\.bin/);
});

test('a missing model file is an error that lists the models beside it', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'resnet.onnx'), modelBytes(parts));
  const error = errorOf(() => readModelFile(join(folder, 'restnet.onnx')));
  t.is(error.code, 'not-found');
  t.regex(error.hint!, /resnet\.onnx/);
  t.is(errorOf(() => readModelFile(folder)).code, 'not-found');
});

test('a file that was cut off says so, wherever it was cut', async (t) => {
  const path = join(await tempFolder(t), 'model.onnx');
  const bytes = modelBytes(parts);
  await writeFile(path, bytes);
  await truncate(path, bytes.length - 100);
  const error = errorOf(() => readModelFile(path));
  t.is(error.code, 'invalid');
  t.regex(error.message, /model\.onnx is cut off or damaged: at byte \d+/);
  for (let length = 0; length < bytes.length; length += 13) {
    t.is(errorOf(() => readModel(bytes.subarray(0, length), 'cut')).code, 'invalid', `${length} bytes`);
  }
});

const notOnnx: readonly [string, string | Uint8Array, RegExp][] = [
  ['an empty file', '', /it is empty/],
  ['a web page', '<!doctype html><html></html>', /is not an ONNX model/],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /is not an ONNX model|is cut off or damaged/],
  ['zeros', Buffer.alloc(100), /is not an ONNX model/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', /Git LFS pointer/],
  ['a model without a graph', ModelProto.encode(ModelProto.fromPartial({ irVersion: 8n })).finish(), /holds no graph/],
];
for (const [what, content, message] of notOnnx) {
  test(`${what} is not taken for a model`, (t) => {
    const error = errorOf(() => readModel(Buffer.from(content), 'file'));
    t.is(error.code, 'invalid');
    t.regex(error.message, message);
    t.truthy(error.hint);
  });
}

for (const opset of [1, 6, 23, 99]) {
  test(`operators of version ${opset} are refused with the versions that are not`, (t) => {
    const error = errorOf(() => readModel(modelBytes({ ...parts, opset }), 'model'));
    t.is(error.code, 'unsupported');
    t.regex(error.message, new RegExp(`version ${opset} .*expected 7 to 22`));
  });
}

const badGraphs: readonly [string, ModelParts, RegExp][] = [
  [
    'a cycle',
    { ...parts, nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] },
    /form a cycle: "a-node" \(Add\) → "b-node" \(Relu\) → "a-node"|form a cycle: "b-node" \(Relu\) → "a-node" \(Add\) → "b-node"/,
  ],
  ['a tensor nobody makes', { ...parts, initializers: [] }, /node "first" \(Conv\) reads tensor "first\.w", which nothing makes/],
  [
    'a tensor made twice',
    { ...parts, nodes: [...parts.nodes, node('Relu', ['x'], ['a'], { name: 'again' })] },
    /tensor "a" is made twice, by node "first" \(Conv\) and by node "again" \(Relu\)/,
  ],
  [
    'an input that is made',
    { ...parts, nodes: [...parts.nodes, node('Relu', ['a'], ['x'])] },
    /"x" is made twice, by an input or constant/,
  ],
  ['two initializers of one name', { ...parts, initializers: [first.weight, first.weight] }, /two constants have the name "first\.w"/],
  ['two inputs of one name', { ...parts, inputs: [...parts.inputs, ...parts.inputs] }, /two inputs have the name "x"/],
  ['an output nobody makes', { ...parts, outputs: [tensor('yy', [1])] }, /no node computes its output "yy"/],
  ['no outputs', { ...parts, outputs: [] }, /it has no outputs/],
  [
    'a subgraph that reads what is not there',
    {
      ...parts,
      nodes: [
        node('If', ['c'], ['y'], {
          name: 'choice',
          then_branch: { graph: subgraph({ nodes: [node('Relu', ['ghost'], ['t'])], inputs: [], outputs: [tensor('t', undefined)] }) },
          else_branch: { graph: subgraph({ nodes: [node('Relu', ['x'], ['e'])], inputs: [], outputs: [tensor('e', undefined)] }) },
        }),
      ],
      inputs: [...parts.inputs, tensor('c', [], 9)],
    },
    /node "choice" \(If\) reads tensor "ghost", which nothing makes/,
  ],
];
for (const [what, bad, message] of badGraphs) {
  test(`a graph with ${what} is refused by name`, (t) => {
    const error = errorOf(() => buildGraph(readModel(modelBytes(bad), 'model.onnx')));
    t.is(error.code, 'invalid');
    t.regex(error.message, message);
    t.regex(error.message, /^model\.onnx: /);
  });
}

test('a weight whose data do not fit its shape is refused', (t) => {
  const wrong = { ...first.weight, dims: [17n, 3n, 3n, 3n] };
  t.regex(
    errorOf(() => readModel(modelBytes({ ...parts, initializers: [wrong] }), 'm')).message,
    /"first\.w" holds 1728 bytes.* of 1836 bytes/,
  );
  const absurd = { ...first.weight, dims: [2n ** 62n, 2n ** 62n] };
  t.regex(errorOf(() => readModel(modelBytes({ ...parts, initializers: [absurd] }), 'm')).message, /"first\.w".*not a size/);
});

test('messages nested without end are refused', (t) => {
  let graph = subgraph({ nodes: [], inputs: [], outputs: [] });
  for (let depth = 0; depth < 60; depth++)
    graph = subgraph({ nodes: [node('If', ['c'], ['y'], { then_branch: { graph } })], inputs: [], outputs: [] });
  const bytes = modelBytes({ ...parts, nodes: [node('If', ['c'], ['y'], { then_branch: { graph } })] });
  t.regex(errorOf(() => readModel(bytes, 'deep')).message, /nested more than 100 deep/);
});

test('whatever bytes of a model are changed, the answer is a model or a MeshError', (t) => {
  const scales = node('Constant', [], ['s'], { value: floats('', [4], () => 2) });
  const original = modelBytes({
    ...parts,
    nodes: [first.node, node('Relu', ['a'], ['b']), scales, node('Resize', ['b', '', 's'], ['y'])],
    outputs: [tensor('y', [null, 'c', 16, 16])],
  });
  const change = fc.record({ at: fc.nat(original.length - 1), byte: fc.nat(255), cut: fc.boolean() });
  let models = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes = Uint8Array.from(original);
      for (const { at, byte, cut } of changes) {
        if (cut) bytes = bytes.filter((_, index) => index !== at);
        else bytes[at % bytes.length] = byte;
      }
      try {
        const { layers } = listLayers(buildGraph(readModel(bytes, 'changed')), { batch: 1 });
        models += 1;
        return layers.every((layer) => layer.weightBytes >= 0);
      } catch (thrown) {
        if (!(thrown instanceof MeshError)) throw thrown;
        return thrown.message.length < 2_000;
      }
    }),
    { numRuns: 3_000 },
  );
  t.true(models > 100, 'changes of names and weights leave a model');
  t.is(payloadLength({ kind: 'memory', bytes: original }), original.length);
});
