/** Where a run's frames come from. Implementations: random numbers, .npy files, folders of images. */
import type { FrameId } from '../../mesh/frame.ts';
import type { Tensor } from '../../mesh/tensor.ts';

export interface FrameInput {
  /** How many frames there are; undefined: as many as one wants. */
  readonly count: number | undefined;
  /** For a person: "random numbers (seed 1)", a path. */
  readonly title: string;
  /** Looks for what would fail in one of the first `frames` frames, without making them all. Error `invalid`. */
  check(frames: number): Promise<void>;
  /** All inputs of a frame by name, exactly as the model wants them. The same bytes whenever it is asked. `index`: its place in the input. */
  frame(index: FrameId): Promise<ReadonlyMap<string, Tensor>>;
  close(): Promise<void>;
}
