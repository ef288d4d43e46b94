/**
 * What happens in a run, as it happens: for whoever watches. Nobody who watches can hold it up.
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { StageState } from '../../mesh/stage.ts';
import type { Move } from './moves.ts';

export type RunEvent =
  /** `total`: frames of the stream that begins. */
  | { readonly kind: 'phase'; readonly phase: Phase; readonly detail?: string; readonly total?: number }
  | { readonly kind: 'fetch'; readonly device: string; readonly bytes: number; readonly totalBytes: number }
  | { readonly kind: 'stage'; readonly stage: string; readonly device: string; readonly state: StageState }
  /** `index`: of the frame in the input, where some may be dropped. */
  | { readonly kind: 'arrival'; readonly frame: FrameId; readonly index?: number; readonly atMs: number; readonly latencyMs: number }
  /** Something was lost, and the run goes on otherwise. */
  | { readonly kind: 'lost'; readonly what: string; readonly moves: readonly Move[] }
  /** The first frame after a loss is there. `replayed`: frames that were computed, or on their way, a second time. */
  | { readonly kind: 'recovered'; readonly afterMs: number; readonly replayed: number }
  /** The run goes on with another plan although nothing is lost. */
  | { readonly kind: 'changed'; readonly why: string; readonly moves: readonly Move[] }
  | { readonly kind: 'warning'; readonly message: string };

export type Phase = 'model' | 'shapes' | 'mesh' | 'profile' | 'deploy' | 'stream' | 'retire';

export type Watcher = (event: RunEvent) => void;
