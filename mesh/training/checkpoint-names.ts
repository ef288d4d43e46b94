/** Where a device keeps the checkpoints of a training, among its files. */

/** After the last epoch that it trained; of the best epoch. */
export const checkpointNames = ['last', 'best'] as const;
export type CheckpointName = (typeof checkpointNames)[number];

export function checkpointFile(training: string, name: CheckpointName): string {
  return `training/${training}/${name}.safetensors`;
}
