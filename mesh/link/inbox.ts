/**
 * The consumer's side of all its routes: parts become tensors, tensors of one frame from every route are joined, the frame is handed on.
 *
 *     stream from A ─▶ decode ─▶ assemble ─┐
 *     stream from B ─▶ decode ─▶ assemble ─┴─▶ join by frame id ─▶ in order ─▶ onFrame ─▶ … ─▶ release ─▶ credit for A and B
 *
 * A frame is complete when every route that carries it has brought it; where routes take turns, complete frames wait for those before them.
 * Frames are handed on with growing ids. It gives each producer a window in frames and bytes; only `release` returns credit, so what this end holds is bounded by the windows.
 */
import { BufferPool } from '../buffer-pool.ts';
import type { Codec } from '../codec.ts';
import { MeshError } from '../error.ts';
import type { Tensor } from '../tensor.ts';
import { carrier, formatTurns, sameTurns, type Turns } from '../turns.ts';
import { FrameAssembler } from './frame-assembler.ts';
import { InOrder } from './in-order.ts';
import type { Link, Part, PullStream } from './link.ts';

export interface InRoute {
  readonly from: string;
  readonly address: string;
  readonly tensors: readonly string[];
  /** The frames this route carries. Absent: every frame. */
  readonly turns?: Turns;
}

export interface InboundFrame {
  readonly id: bigint;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Time spent decoding and assembling, all routes, microseconds. */
  readonly decodeUs: number;
  /** The frame is consumed: returns credit to its producers, and its bytes to the pool unless they were transferred away. Once. */
  release(): void;
}

export interface InboxOptions {
  readonly run: string;
  readonly epoch: bigint;
  readonly consumer: string;
  /** No frame with a lower id comes: the first of this epoch. */
  readonly first: bigint;
  readonly routes: readonly InRoute[];
  readonly windowFrames: number;
  /** Per route. */
  readonly windowBytes: number;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onFrame: (frame: InboundFrame) => void;
  /** A producer's stream broke or was refused. A producer that ends in order is no loss: its work is done. */
  readonly onLost: (producer: string, error: MeshError) => void;
  readonly pool?: BufferPool;
}

/** Free buffers kept when the caller brings no pool of its own. */
const POOL_FREE_BYTES_MAX = 64 * 1024 * 1024;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #routes: RouteIn[];
  readonly #joining = new Map<bigint, RouteFrame[]>();
  /** Undefined when all routes carry the same frames: then complete ones come in order by themselves. */
  readonly #order: InOrder<InboundFrame> | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    const pool = options.pool ?? new BufferPool(POOL_FREE_BYTES_MAX);
    this.#routes = options.routes.map((route) => new RouteIn(route, options, pool, (frame) => this.#join(frame, pool)));
    const [first, ...others] = options.routes;
    const merging = others.some(({ turns }) => !sameTurns(turns, first!.turns));
    this.#order = merging ? new InOrder(options.first, (id) => this.#routes.some((route) => route.carries(id))) : undefined;
  }

  /** Connects to every producer. Failures arrive at `onLost`. */
  start(): void {
    for (const route of this.#routes) route.start();
  }

  /** Ends all streams. Idempotent. */
  close(): void {
    for (const route of this.#routes) route.close();
  }

  #join(piece: RouteFrame, pool: BufferPool): void {
    const { id } = piece;
    const pieces = [...(this.#joining.get(id) ?? []), piece];
    if (pieces.length < this.#routes.filter((route) => route.carries(id)).length) {
      this.#joining.set(id, pieces);
      return;
    }
    this.#joining.delete(id);
    const frame = joined(id, pieces, pool);
    for (const next of this.#order?.add(id, frame) ?? [frame]) this.#options.onFrame(next);
  }
}

function joined(id: bigint, pieces: readonly RouteFrame[], pool: BufferPool): InboundFrame {
  const tensors = new Map<string, Tensor>();
  for (const { route, tensors: list } of pieces) {
    for (const [index, tensor] of list.entries()) tensors.set(route.tensors[index]!, tensor);
  }
  let released = false;
  return {
    id,
    tensors,
    decodeUs: pieces.reduce((sum, { decodeUs }) => sum + decodeUs, 0),
    release: () => {
      if (released) return;
      released = true;
      for (const tensor of tensors.values()) pool.give(tensor.data.buffer);
      for (const { route, bytes } of pieces) route.consumed(bytes);
    },
  };
}

interface RouteFrame {
  readonly route: RouteIn;
  readonly id: bigint;
  readonly tensors: readonly Tensor[];
  readonly bytes: number;
  readonly decodeUs: number;
}

class RouteIn {
  readonly carries: (id: bigint) => boolean;
  readonly #route: InRoute;
  readonly #options: InboxOptions;
  readonly #assembler: FrameAssembler;
  readonly #onFrame: (frame: RouteFrame) => void;
  #stream: PullStream | undefined;
  #receivedFrames = 0;
  #consumedFrames = 0;
  #consumedBytes = 0;
  #decodeMs = 0;

  constructor(route: InRoute, options: InboxOptions, pool: BufferPool, onFrame: (frame: RouteFrame) => void) {
    this.carries = carrier(route.turns);
    this.#route = route;
    this.#options = options;
    this.#assembler = new FrameAssembler(route.tensors, options.codecs, pool);
    this.#onFrame = onFrame;
  }

  get tensors(): readonly string[] {
    return this.#route.tensors;
  }

  start(): void {
    const { run, epoch, consumer, windowFrames, windowBytes, link, onLost } = this.#options;
    const { from, address, tensors, turns } = this.#route;
    this.#stream = link.pull(
      address,
      { run, epoch, producer: from, consumer, tensors, windowFrames, windowBytes, ...(turns === undefined ? {} : { turns }) },
      {
        part: (part) => this.#receive(part),
        closed: (error) => {
          if (error !== undefined) onLost(from, error);
        },
      },
    );
  }

  consumed(bytes: number): void {
    this.#consumedFrames += 1;
    this.#consumedBytes += bytes;
    this.#report();
  }

  close(): void {
    this.#stream?.close();
  }

  #receive(part: Part): void {
    const { consumer, first } = this.#options;
    if (part.frame < first || !this.carries(part.frame)) {
      const { from, turns } = this.#route;
      const since = first === 0n ? '' : ` from ${first} on`;
      throw new MeshError(
        'invalid',
        `${from} sends frame ${part.frame} out of turn: its route to ${consumer} carries those ${formatTurns(turns)}${since}`,
      );
    }
    const startMs = this.#options.now();
    const frame = this.#assembler.add(part);
    this.#decodeMs += this.#options.now() - startMs;
    if (frame === undefined) return;
    this.#receivedFrames += 1;
    this.#report();
    const decodeUs = this.#decodeMs * 1000;
    this.#decodeMs = 0;
    this.#onFrame({ route: this, ...frame, decodeUs });
  }

  #report(): void {
    this.#stream?.progress({
      receivedFrames: this.#receivedFrames,
      consumedFrames: this.#consumedFrames,
      consumedBytes: this.#consumedBytes,
    });
  }
}
