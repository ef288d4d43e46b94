/**
 * The link port: how tensors get from their producer to their consumer.
 *
 *     consumer ── pull(address, open) ──▶ producer's accept(stream)
 *              ◀── part part part ──────
 *              ── progress ────────────▶
 *
 * Two implementations pass the same conformance suite: `grpc/` between processes and `memory.ts` inside one. The port moves parts; what
 * they mean (frames, credit, codecs) is the business of `outbox.ts` and `inbox.ts`, which both ends of every route share.
 */
import type { MeshError } from '../error.ts';
import type { DType } from '../tensor.ts';
import type { Turns } from '../turns.ts';

export interface PullOpen {
  readonly run: string;
  readonly epoch: bigint;
  /** Stage id, or `source`. */
  readonly producer: string;
  /** Stage id, or `sink`. */
  readonly consumer: string;
  readonly tensors: readonly string[];
  readonly windowFrames: number;
  readonly windowBytes: number;
  /** The frames that go over this stream. Absent: every frame. */
  readonly turns?: Turns;
}

/** Cumulative counts since the stream was opened. */
export interface Progress {
  readonly receivedFrames: number;
  readonly consumedFrames: number;
  readonly consumedBytes: number;
}

export interface Part {
  readonly frame: bigint;
  /** Index into `PullOpen.tensors`. */
  readonly tensor: number;
  /** Where the decoded chunk goes in the tensor, bytes. */
  readonly offset: number;
  readonly rawBytes: number;
  readonly codec: string;
  /** On the first chunk of each tensor. */
  readonly head?: { readonly dtype: DType; readonly dims: readonly number[]; readonly bytes: number };
  readonly payload: Uint8Array;
}

/** The consumer's end of one stream. */
export interface PullStream {
  progress(progress: Progress): void;
  /** Ends the stream in order (the producer learns that nobody was lost); `closed` is not called any more. Idempotent. */
  close(): void;
}

export interface PullHandlers {
  part(part: Part): void;
  /** The stream ended without `close`: undefined when the producer ended it in order, otherwise why. Called at most once, last. */
  closed(error: MeshError | undefined): void;
}

/** The producer's end of one stream. */
export interface PushStream {
  readonly open: PullOpen;
  /** Resolves when the payload's bytes are no longer needed and the stream can take more (backpressure). Rejects once the stream is gone. */
  send(part: Part): Promise<void>;
  onProgress(listener: (progress: Progress) => void): void;
  /** Called once when the stream is gone: undefined when the consumer or `end()` ended it in order, otherwise why. */
  onClose(listener: (error: MeshError | undefined) => void): void;
  /** Ends the stream: in order, or with the reason it is refused or broken. Idempotent. */
  end(error?: MeshError): void;
}

export type Accept = (stream: PushStream) => void;

export interface Link {
  pull(address: string, open: PullOpen, handlers: PullHandlers): PullStream;
}
