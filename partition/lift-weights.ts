/**
 * Takes the big weights out of an ONNX file without reading them.
 *
 *     file   … TensorProto { dims, name, raw_data: 400 MB } …
 *     result … TensorProto { dims, name, external_data: [{ key: RANGE, value: "offset:length" }] } …
 *
 * The result is small and is decoded like any model; each lifted weight is a range of the file it came from. The walk follows the wire
 * format only where tensors can be; everything else is passed on as it is. Whatever the bytes are, the walk ends after at most one
 * pass over them, with a result or a {@link WireError}.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** Random access to bytes; a view returned by `read` is valid until the next call. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** The key under which a lifted weight's place is noted in `external_data`. */
export const RANGE = 'splitmesh.range';

/** The bytes are no protobuf message of the expected shape. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly at: number;
  /** A length points behind the end: typical of a file that was cut off. */
  readonly truncated: boolean;

  constructor(message: string, at: number, truncated = false) {
    super(message);
    this.at = at;
    this.truncated = truncated;
  }
}

type Kind = 'model' | 'graph' | 'node' | 'attribute' | 'function' | 'sparse' | 'training' | 'tensor';

/** Field numbers of the messages on the way to tensors (see onnx.proto). */
const nested: Record<Kind, Readonly<Record<number, Kind>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  training: { 1: 'graph', 2: 'graph' },
  tensor: {},
};

/** float_data, raw_data and double_data: little-endian values, whichever field they are in. */
const liftable = new Set([4, 9, 10]);
const EXTERNAL_DATA = 13;

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** Subgraphs within subgraphs, counted in messages. Real models stay below 20. */
const DEPTH_MAX = 100;

/** Bytes of a ModelProto in which tensor data of more than `inlineBytesMax` bytes are replaced by their range in `source`. */
export function liftWeights(source: ByteSource, inlineBytesMax: number): Uint8Array {
  return liftMessage(source, 'model', 0, source.size, inlineBytesMax, 0);
}

function liftMessage(source: ByteSource, kind: Kind, start: number, end: number, inlineBytesMax: number, depth: number): Uint8Array {
  if (depth > DEPTH_MAX) throw new WireError(`messages are nested more than ${DEPTH_MAX} deep`, start);
  const out = new BinaryWriter();
  let at = start;
  while (at < end) {
    const tag = readVarint(source, at, end);
    const field = tag.value >>> 3;
    const wire = tag.value & 7;
    if (field === 0 || tag.value > 0xffffffff) throw new WireError('no field has this number', at);
    if (wire === WIRE_BYTES) {
      const length = readVarint(source, tag.next, end);
      const next = length.next + length.value;
      if (next > end) throw new WireError(`a field claims ${length.value} bytes, ${end - length.next} are left`, at, true);
      const child = nested[kind][field];
      if (child !== undefined) {
        out.uint32(tag.value).bytes(liftMessage(source, child, length.next, next, inlineBytesMax, depth + 1));
      } else if (kind === 'tensor' && liftable.has(field) && length.value > inlineBytesMax) {
        out
          .tag(EXTERNAL_DATA, WIRE_BYTES)
          .fork()
          .tag(1, WIRE_BYTES)
          .string(RANGE)
          .tag(2, WIRE_BYTES)
          .string(`${length.next}:${length.value}`)
          .join();
      } else {
        out.raw(source.read(at, next - at));
      }
      at = next;
    } else {
      const next = endOfScalar(source, wire, tag.next, end);
      out.raw(source.read(at, next - at));
      at = next;
    }
  }
  return out.finish();
}

function endOfScalar(source: ByteSource, wire: number, at: number, end: number): number {
  if (wire === WIRE_VARINT) return readVarint(source, at, end).next;
  const next = wire === WIRE_FIXED64 ? at + 8 : wire === WIRE_FIXED32 ? at + 4 : undefined;
  if (next === undefined) throw new WireError(`wire type ${wire} is not used in ONNX`, at);
  if (next > end) throw new WireError('a number is cut off', at, true);
  return next;
}

/** Numbers above 2^53 lose digits; they are only ever passed on or refused. */
function readVarint(source: ByteSource, at: number, end: number): { readonly value: number; readonly next: number } {
  const bytes = source.read(at, Math.min(10, end - at));
  let value = 0;
  let scale = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + i + 1 };
    scale *= 128;
  }
  if (end - at < 10) throw new WireError('a number is cut off', at, true);
  throw new WireError('a number is longer than 10 bytes', at);
}
