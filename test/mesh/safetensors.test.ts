/** The format as others read and write it, and whatever pretends to be it. */
import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../mesh/error.ts';
import { decodeTensorFile, encodeTensorFile } from '../../mesh/safetensors.ts';
import { byteLength, type DType, dtypes, type Tensor } from '../../mesh/tensor.ts';

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(dtypes) as DType[])), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.nat(255))
  .map(([dtype, dims, fill]) => ({ dtype, dims, data: new Uint8Array(byteLength(dtype, dims)).fill(fill) }));
const name = fc.string({ maxLength: 12 }).filter((each) => !each.startsWith('__'));
const file = fc.record({ tensors: fc.dictionary(name, tensor, { maxKeys: 5 }), metadata: fc.dictionary(name, fc.string()) });

const bytesOf = (tensors: Readonly<Record<string, Tensor>>, metadata: Record<string, string> = {}): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(encodeTensorFile({ tensors: new Map(Object.entries(tensors)), metadata })));
const plain = (tensors: Iterable<readonly [string, Tensor]>): unknown =>
  [...tensors].map(([key, { dtype, dims, data }]) => [key, dtype, [...dims], [...data]]).sort();

test('what was written is read, each tensor aligned for its elements', (t) => {
  fc.assert(
    fc.property(file, ({ tensors, metadata }) => {
      const read = decodeTensorFile(bytesOf(tensors, metadata), 'file');
      t.deepEqual(plain(read.tensors), plain(Object.entries(tensors)));
      t.deepEqual({ ...read.metadata }, { ...metadata });
      for (const { data } of read.tensors.values()) t.is(data.byteOffset % 8, 0);
    }),
  );
});

test('the bytes are those of the format: length, header, tensors', (t) => {
  const bytes = bytesOf({ a: { dtype: 'float32', dims: [2], data: new Uint8Array(Float32Array.of(1, 2).buffer) } }, { k: 'v' });
  const header = Buffer.from('{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
  const padded = Math.ceil(header.length / 8) * 8;
  t.is(new DataView(bytes.buffer).getBigUint64(0, true), BigInt(padded));
  t.is(
    Buffer.from(bytes.subarray(8, 8 + padded))
      .toString()
      .trimEnd(),
    header.toString(),
  );
  t.deepEqual([...new Float32Array(bytes.slice(8 + padded).buffer)], [1, 2]);
});

const withHeader = (header: string, body = 0): Uint8Array<ArrayBuffer> => {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(header) + body);
  bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  bytes.write(header, 8);
  return new Uint8Array(bytes);
};

for (const [what, bytes, message] of [
  ['nothing', new Uint8Array(3), /it has 3 bytes/],
  ['a header longer than the file', withHeader('{}').with(0, 99) as Uint8Array<ArrayBuffer>, /said to have 99 bytes/],
  ['a header of petabytes', new Uint8Array(16).fill(255), /said to have/],
  ['no JSON', withHeader('{nothing'), /can't be read/],
  ['a list', withHeader('[]'), /no object/],
  ['an unknown type', withHeader('{"a":{"dtype":"F8","shape":[],"data_offsets":[0,1]}}', 1), /unknown type "F8"/],
  ['no tensor', withHeader('{"a":null}'), /unknown type/],
  ['a size that does not fit its place', withHeader('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4), /of 8 bytes/],
  ['a place outside', withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 4), /4 to 8 of 4/],
  ['a place backwards', withHeader('{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}', 4), /4 to 0/],
  ['a negative size', withHeader('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1), /no shape/],
  ['bytes that belong to nothing', withHeader('{}', 7), /7 follow/],
  ['metadata that are no texts', withHeader('{"__metadata__":{"a":1}}'), /no object of texts/],
] as const) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => decodeTensorFile(bytes as Uint8Array<ArrayBuffer>, 'x.safetensors'), {
      instanceOf: MeshError,
      code: 'invalid',
      message,
    });
  });
}

test('whatever the bytes are, it is read or refused', (t) => {
  const whole = bytesOf({
    a: { dtype: 'int64', dims: [3], data: new Uint8Array(24) },
    b: { dtype: 'bool', dims: [], data: new Uint8Array(1) },
  });
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
      try {
        decodeTensorFile(whole.with(at, value).slice(0, length) as Uint8Array<ArrayBuffer>, 'file');
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
      }
    }),
  );
  t.pass();
});
