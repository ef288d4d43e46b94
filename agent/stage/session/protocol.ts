/**
 * What the stage's main thread and the thread that owns the ONNX Runtime session say to each other. Tensor buffers are transferred, not
 * copied: inputs go over with a frame and come back with its result.
 */
import type { SessionFacts } from '../../../mesh/session-facts.ts';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import type { DType, TensorSpec } from '../../../mesh/tensor.ts';
import type { ProbeFiles } from '../protocol.ts';

export interface ThreadTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly buffer: ArrayBuffer;
}

export interface SessionLoad {
  readonly kind: 'load';
  readonly modelPath: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly warmupRuns: number;
  /** Is run now and then between two frames. */
  readonly speedProbe?: ProbeFiles;
}

export interface SessionRun {
  readonly kind: 'run';
  readonly inputs: readonly ThreadTensor[];
  /** The frame's EndFlag: set when nobody wants it any more. */
  readonly ended: SharedArrayBuffer;
}

export type SessionOrder = SessionLoad | SessionRun;

export type SessionReport =
  | ({ readonly kind: 'loaded' } & SessionFacts)
  | {
      readonly kind: 'ran';
      readonly outputs: readonly ThreadTensor[];
      /** The frame's input buffers, to be used again. */
      readonly spent: readonly ArrayBuffer[];
      /** By the clock that both threads share, milliseconds. */
      readonly startMs: number;
      readonly endMs: number;
      /** Of the speed probe, milliseconds, by the last looks before; absent: there is none. */
      readonly probeMs?: number;
    }
  /** Not computed, because nobody wants it any more. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly code: 'invalid' | 'unsupported' | 'failed'; readonly reason: string };
