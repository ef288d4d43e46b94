/**
 * Outputs of a run as messages of a stream: a frame's tensors ↔ parts that fit the server's limit.
 *
 *     tensors ──▶ OutputFrame ──cut──▶ part 0 │ part 1 │ part 2 ──▶ OutputAssembler ──▶ tensors
 */
import { OutputFrame, OutputPart as WirePart } from '../proto/gen/mesh/v1/runs.ts';
import { MeshError } from './error.ts';
import type { FrameId } from './frame.ts';
import { byteLength, type Tensor } from './tensor.ts';
import { numberFromWire, required } from './wire-number.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';

/** The only version of OutputPart there is so far. */
const VERSION = 1;
/** Well below the default limit of nats-server, 1 MiB. */
const PART_BYTES = 512 * 1024;

/** Undefined: the frame failed and has none. */
export type Outputs = ReadonlyMap<string, Tensor> | undefined;

export interface OutputPart {
  readonly frame: FrameId;
  readonly part: number;
  readonly parts: number;
  /** Of the process that wrote it. */
  readonly term: number;
  readonly data: Uint8Array;
}

/** The messages of one frame, in order; they hold copies. */
export function outputParts(frame: FrameId, outputs: Outputs, term: number): { readonly part: OutputPart; readonly bytes: Uint8Array }[] {
  const whole = OutputFrame.encode(
    OutputFrame.fromPartial({
      failed: outputs === undefined,
      tensors: [...(outputs ?? [])].map(([name, { dtype, dims, data }]) => ({
        spec: tensorSpecToWire({ name, dtype, dims }),
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      })),
    }),
  ).finish();
  const parts = Math.max(1, Math.ceil(whole.byteLength / PART_BYTES));
  return Array.from({ length: parts }, (_, index) => {
    const data = whole.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    const part = { frame, part: index, parts, term, data };
    const wire = { ...part, version: VERSION, term: BigInt(term), data: Buffer.from(data) };
    return { part, bytes: WirePart.encode(WirePart.fromPartial(wire)).finish() };
  });
}

/** Error `invalid` for what is no part of an output, `conflict` for another version. */
export function decodeOutputPart(bytes: Uint8Array): OutputPart {
  const wire = decoded(() => WirePart.decode(bytes));
  if (wire.version !== VERSION) throw new MeshError('conflict', `an output of version ${wire.version} can't be read`);
  const { frame, part, parts, data } = wire;
  if (parts === 0 || part >= parts) throw new MeshError('invalid', `part ${part} of ${parts} of frame ${frame} can't be`);
  return { frame, part, parts, term: numberFromWire(wire.term, 'term'), data };
}

/** Frames from parts, each once, in order. Parts of a frame that was begun again or is known are dropped. */
export class OutputAssembler {
  #next: FrameId;
  #parts: OutputPart[] = [];

  /** The first frame that is wanted. */
  constructor(first: FrameId) {
    this.#next = first;
  }

  /** All frames below were returned, or are not wanted. */
  get next(): FrameId {
    return this.#next;
  }

  /** The frame that it completes. Error `lost` when a frame before it is missing. */
  take(part: OutputPart): { readonly frame: FrameId; readonly outputs: Outputs } | undefined {
    if (part.frame < this.#next) return undefined;
    if (part.frame > this.#next) {
      throw new MeshError('lost', `frame ${this.#next} is not in the stream any more; the first that is there is ${part.frame}`);
    }
    if (part.part === 0) this.#parts = [];
    const before = this.#parts.at(-1);
    const follows = part.part === this.#parts.length && (before === undefined || before.term === part.term);
    if (!follows) return undefined;
    this.#parts.push(part);
    if (this.#parts.length < part.parts) return undefined;
    const bytes = Buffer.concat(this.#parts.map(({ data }) => data));
    this.#parts = [];
    this.#next += 1n;
    return { frame: part.frame, outputs: outputsOf(bytes) };
  }
}

function outputsOf(bytes: Uint8Array): Outputs {
  const { failed, tensors } = decoded(() => OutputFrame.decode(bytes));
  if (failed) return undefined;
  return new Map(
    tensors.map((tensor) => {
      const { name, dtype, dims } = tensorSpecFromWire(required(tensor.spec, 'the spec of an output'));
      if (tensor.data.byteLength !== byteLength(dtype, dims))
        throw new MeshError('invalid', `output ${name} has ${tensor.data.byteLength} bytes`);
      // A copy: tensors are aligned, parts of a message are not.
      return [name, { dtype, dims, data: new Uint8Array(tensor.data) }];
    }),
  );
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new MeshError('invalid', 'this is no output of a run', { cause: error });
  }
}
