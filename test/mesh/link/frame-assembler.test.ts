import test from 'ava';
import fc from 'fast-check';
import { BufferPool } from '../../../mesh/buffer-pool.ts';
import type { Codec } from '../../../mesh/codec.ts';
import { MeshError } from '../../../mesh/error.ts';
import { FrameAssembler, TENSOR_BYTES_MAX } from '../../../mesh/link/frame-assembler.ts';
import type { Part } from '../../../mesh/link/link.ts';

const noCodecs = new Map<string, Codec>();

function assembler(names: readonly string[] = ['a', 'b']): FrameAssembler {
  return new FrameAssembler(names, noCodecs, new BufferPool(1 << 20));
}

function part(overrides: Partial<Part> & { readonly bytes?: number }): Part {
  const { bytes, ...rest } = overrides;
  const payload = rest.payload ?? new Uint8Array(4);
  const head = bytes === undefined ? {} : { head: { dtype: 'uint8' as const, dims: [bytes], bytes } };
  return { frame: 0n, tensor: 0, offset: 0, rawBytes: payload.byteLength, codec: 'none', payload, ...head, ...rest };
}

test('a frame is complete with the last chunk of its last tensor', (t) => {
  const frames = assembler();
  t.is(frames.add(part({ bytes: 8, payload: Uint8Array.of(1, 2, 3, 4) })), undefined);
  t.is(frames.add(part({ offset: 4, payload: Uint8Array.of(5, 6, 7, 8) })), undefined);
  const frame = frames.add(part({ tensor: 1, bytes: 2, payload: Uint8Array.of(9, 10) }));
  t.is(frame?.id, 0n);
  t.is(frame?.bytes, 10);
  t.deepEqual(
    frame?.tensors.map(({ data }) => [...data]),
    [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10],
    ],
  );
});

test('an empty tensor is a tensor', (t) => {
  const frame = assembler(['a']).add(part({ bytes: 0, payload: new Uint8Array(0) }));
  t.deepEqual(
    frame?.tensors.map(({ dims }) => dims),
    [[0]],
  );
});

const refused: Record<string, readonly Part[]> = {
  'a first chunk without head': [part({})],
  'an unknown tensor': [part({ tensor: 2, bytes: 4 })],
  'the second tensor before the first': [part({ tensor: 1, bytes: 4 })],
  'the second tensor while the first is incomplete': [part({ bytes: 8 }), part({ tensor: 1, bytes: 4 })],
  'a tensor begun twice': [part({ bytes: 4 }), part({ bytes: 4 })],
  'a gap': [part({ bytes: 12 }), part({ offset: 8 })],
  'a chunk sent twice': [part({ bytes: 12 }), part({ offset: 0 })],
  'more bytes than announced': [part({ bytes: 3 })],
  'an empty chunk': [part({ bytes: 4, payload: new Uint8Array(0) })],
  'a payload of another length than it says': [part({ bytes: 4, rawBytes: 3 })],
  'an unknown codec': [part({ bytes: 4, codec: 'zip' })],
  'a head whose size is not its shape': [{ ...part({}), head: { dtype: 'float32', dims: [4], bytes: 4 } }],
  'a negative dimension': [{ ...part({}), head: { dtype: 'uint8', dims: [-4], bytes: 4 } }],
  'an absurd size': [{ ...part({}), head: { dtype: 'uint8', dims: [TENSOR_BYTES_MAX + 1], bytes: TENSOR_BYTES_MAX + 1 } }],
  'a chunk of another frame': [part({ bytes: 8 }), part({ frame: 1n, offset: 4 })],
  'a frame that begins before the last is complete': [part({ bytes: 4 }), part({ frame: 1n, bytes: 4 })],
  'an id that does not grow': [part({ frame: 5n, bytes: 4 }), part({ frame: 5n, tensor: 1, bytes: 4 }), part({ frame: 5n, bytes: 4 })],
};

for (const [what, parts] of Object.entries(refused)) {
  test(`${what} is refused as invalid`, (t) => {
    const frames = assembler();
    for (const earlier of parts.slice(0, -1)) frames.add(earlier);
    const error = t.throws(() => frames.add(parts.at(-1)!), { instanceOf: MeshError });
    t.true(error?.code === 'invalid' || error?.code === 'unsupported');
  });
}

test('whatever the parts are, the assembler answers or refuses, and never allocates more than a checked head announces', (t) => {
  const anyPart = fc.record({
    frame: fc.bigInt(0n, 3n),
    tensor: fc.nat(3),
    offset: fc.nat(16),
    rawBytes: fc.nat(16),
    codec: fc.constantFrom('none', 'zip'),
    payload: fc.uint8Array({ maxLength: 16 }),
    head: fc.option(
      fc.record({
        dtype: fc.constantFrom('uint8' as const, 'float32' as const),
        dims: fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 3 }),
        bytes: fc.nat(64),
      }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), (parts) => {
      const frames = assembler();
      for (const { head, ...rest } of parts) {
        try {
          const frame = frames.add(head === undefined ? rest : { ...rest, head });
          for (const { data } of frame?.tensors ?? []) if (data.byteLength > 64) return false;
        } catch (error) {
          if (!(error instanceof MeshError)) throw error;
          return true;
        }
      }
      return true;
    }),
  );
  t.pass();
});
