/**
 * What a stage takes of its device's memory, as admission reckons: the controller before anything is loaded, the agent when it is asked to load.
 *
 *     ├── weights ──┼── process ──┼── window ──┤        once each; the runtime keeps some weights twice, others not at all
 *
 * An estimate, and the same on both sides: what a controller finds to fit is not refused by an agent that has the room it said.
 */
import { formatBytes } from './bytes.ts';

/**
 * Node, ONNX Runtime and their heaps besides the weights. (Measured: three stages of a model of 2.7 GB took 51 MiB each above their weights.)
 */
export const STAGE_PROCESS_BYTES = 64 * 2 ** 20;

export interface StageMemory {
  readonly bytes: number;
  /** For a person: what it is made of. */
  readonly parts: string;
}

/** `files`: model and external data. `windowBytes`: inputs that may wait in the stage. */
export function stageMemory(files: readonly { readonly bytes: number }[], windowBytes: number): StageMemory {
  const weights = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    bytes: weights + STAGE_PROCESS_BYTES + windowBytes,
    parts: `weights ${formatBytes(weights)}, process ${formatBytes(STAGE_PROCESS_BYTES)}, window ${formatBytes(windowBytes)}`,
  };
}
