/** What checkpoints of a training are called, and where a device keeps them among its files. */

/** After the last epoch that it trained; of the best epoch. */
export const checkpointNames = ['last', 'best'] as const;
export type CheckpointName = (typeof checkpointNames)[number];

/** In any folder of one training. */
export function fileOfCheckpoint(name: CheckpointName): string {
  return `${name}.safetensors`;
}

export function checkpointFile(training: string, name: CheckpointName): string {
  return `training/${training}/${fileOfCheckpoint(name)}`;
}
