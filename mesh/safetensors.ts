/**
 * Named tensors in one file, in the format of Hugging Face's safetensors, which many tools read: nothing in it can be executed.
 *
 *     length of the header, 8 bytes little-endian │ header: JSON, padded with spaces │ the tensors' bytes, one after the other
 *     {"__metadata__": {"…": "…"}, "conv1.weight": {"dtype": "F32", "shape": [16, 1, 15], "data_offsets": [0, 960]}, …}
 *
 * https://github.com/huggingface/safetensors, "Format". Tensors are read as views of the file's bytes.
 */
import { MeshError } from './error.ts';
import { byteLength, type DType, dtypes, type Tensor } from './tensor.ts';

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
/** The format's own bound. */
const HEADER_BYTES_MAX = 100_000_000;
/** So that every tensor begins where its elements are aligned: larger ones come first. */
const ALIGNMENT = 8;
const METADATA = '__metadata__';

const codes = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  bool: 'BOOL',
} as const satisfies Record<DType, string>;

const byCode = new Map<string, DType>(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

/** The parts of the file, in order: the tensors' bytes are not copied. */
export function encodeTensorFile({ tensors, metadata }: TensorFile): Uint8Array[] {
  const ordered = [...tensors].sort(([, a], [, b]) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes);
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { [METADATA]: metadata };
  let offset = 0;
  for (const [name, { dtype, dims, data }] of ordered) {
    if (name === METADATA) throw new MeshError('invalid', `a tensor can't be called "${METADATA}"`);
    header[name] = { dtype: codes[dtype], shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(LENGTH_BYTES + Math.ceil(text.byteLength / ALIGNMENT) * ALIGNMENT, ' ');
  head.writeBigUInt64LE(BigInt(head.byteLength - LENGTH_BYTES));
  text.copy(head, LENGTH_BYTES);
  return [head, ...ordered.map(([, { data }]) => data)];
}

/** Error `invalid` for whatever is no such file; `what` names it. */
export function decodeTensorFile(bytes: Uint8Array<ArrayBuffer>, what: string): TensorFile {
  const broken = (why: string): MeshError => new MeshError('invalid', `${what} is no safetensors file: ${why}`);
  if (bytes.byteLength < LENGTH_BYTES) throw broken(`it has ${bytes.byteLength} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > HEADER_BYTES_MAX || Number(length) > bytes.byteLength - LENGTH_BYTES)
    throw broken(`its header is said to have ${length} bytes, the file has ${bytes.byteLength}`);
  const start = LENGTH_BYTES + Number(length);
  const { [METADATA]: metadata = {}, ...entries } = parsedHeader(bytes.subarray(LENGTH_BYTES, start), broken);
  if (!isTexts(metadata)) throw broken(`"${METADATA}" is no object of texts`);
  const body = bytes.subarray(start);
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, tensorOf(name, entry, body, broken)]));
  const held = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (held !== body.byteLength) throw broken(`its tensors have ${held} bytes, and ${body.byteLength} follow the header`);
  return { tensors, metadata };
}

function parsedHeader(bytes: Uint8Array, broken: (why: string) => MeshError): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw broken(`its header can't be read (${(error as Error).message})`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw broken('its header is no object');
  return parsed as Record<string, unknown>;
}

function tensorOf(name: string, entry: unknown, body: Uint8Array<ArrayBuffer>, broken: (why: string) => MeshError): Tensor {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype = byCode.get(String(code));
  if (dtype === undefined) throw broken(`tensor "${name}" has the unknown type ${JSON.stringify(code)}`);
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw broken(`tensor "${name}" has no shape or no place`);
  const [from, to] = offsets as [number, number];
  if (from > to || to > body.byteLength || to - from !== byteLength(dtype, shape))
    throw broken(`tensor "${name}" of ${byteLength(dtype, shape)} bytes is said to lie at ${from} to ${to} of ${body.byteLength}`);
  const data = body.subarray(from, to);
  // What others wrote may lie anywhere.
  return { dtype, dims: shape, data: data.byteOffset % ALIGNMENT === 0 ? data : data.slice() };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
}
