import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../../mesh/error.ts';
import { decodeGetChunk, decodePutChunk, encodeGetChunk, encodePutChunk } from '../../../mesh/files/chunk-codec.ts';
import { GetReply, PutRequest } from '../../../proto/gen/mesh/v1/files.ts';

/** As grpc-js makes a message of what a serializer returned. */
function bytesOf(serialized: Buffer): Buffer {
  const output = Buffer.alloc(serialized.byteLength + 5);
  serialized.copy(output, 5);
  return output.subarray(5);
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const blob = fc.record({ sha256: bytes(40), bytes: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }) });
const chunk = fc.record({
  offset: fc.maxSafeNat(),
  rawBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  codec: fc.constantFrom('none', 'lz4', 'ü'),
  payload: bytes(300),
});
const entry = fc.record({ name: fc.string({ unit: 'binary' }), blob, modifiedMs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }) });
const head = fc.record({ name: fc.string({ unit: 'binary' }), blob });

test('a GetReply written by hand is read by the generated code', (t) => {
  fc.assert(
    fc.property(chunk, fc.option(entry, { nil: undefined }), (part, first) => {
      const read = GetReply.decode(bytesOf(encodeGetChunk(first === undefined ? part : { ...part, entry: first })));
      t.deepEqual(read, wire(part, { entry: first === undefined ? undefined : GetReply.fromPartial({ entry: first }).entry }));
    }),
  );
});

test('a GetReply written by the generated code is read by hand', (t) => {
  fc.assert(
    fc.property(chunk, fc.option(entry, { nil: undefined }), (part, first) => {
      const message = GetReply.fromPartial(wire(part, { entry: first }));
      const read = decodeGetChunk(Buffer.from(GetReply.encode(message).finish()));
      t.deepEqual(plain(read), first === undefined ? part : { ...part, entry: message.entry });
    }),
  );
});

test('a PutRequest written by hand is read by the generated code', (t) => {
  fc.assert(
    fc.property(chunk, fc.option(head, { nil: undefined }), (part, first) => {
      const read = PutRequest.decode(bytesOf(encodePutChunk(first === undefined ? part : { ...part, head: first })));
      t.deepEqual(read, wire(part, { head: first === undefined ? undefined : PutRequest.fromPartial({ head: first }).head }));
    }),
  );
});

test('a PutRequest written by the generated code is read by hand', (t) => {
  fc.assert(
    fc.property(chunk, fc.option(head, { nil: undefined }), (part, first) => {
      const message = PutRequest.fromPartial(wire(part, { head: first }));
      const read = decodePutChunk(Buffer.from(PutRequest.encode(message).finish()));
      t.deepEqual(plain(read), first === undefined ? part : { ...part, head: message.head });
    }),
  );
});

test('the payload is a view, not a copy', (t) => {
  const message = bytesOf(encodePutChunk({ offset: 1, rawBytes: 3, codec: 'none', payload: Buffer.from('abc') }));
  t.is(decodePutChunk(message).payload.buffer, message.buffer);
});

test('what is no message is refused with an error, whatever it is', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      for (const decode of [decodeGetChunk, decodePutChunk]) {
        try {
          decode(garbage);
        } catch (error) {
          if (!(error instanceof MeshError) || error.code !== 'invalid') return false;
        }
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('fields that a newer version adds are passed over', (t) => {
  const message = bytesOf(encodeGetChunk({ offset: 7, rawBytes: 1, codec: 'lz4', payload: Buffer.from('x') }));
  const newer = Buffer.concat([Buffer.from([(9 << 3) | 0, 5, (10 << 3) | 2, 2, 1, 1]), message]);
  t.deepEqual(plain(decodeGetChunk(newer)), plain(decodeGetChunk(message)));
});

type Part = { offset: number; rawBytes: number; codec: string; payload: Buffer };

function wire<T>({ offset, rawBytes, codec, payload }: Part, more: T) {
  return { ...more, offset: BigInt(offset), rawBytes, codec: codec === 'none' ? '' : codec, payload, _unknownFields: {} };
}

function plain<T extends { readonly payload: Uint8Array }>(message: T) {
  return { ...message, payload: Buffer.from(message.payload) };
}
