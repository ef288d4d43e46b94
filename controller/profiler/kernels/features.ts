/**
 * A kernel as the numbers its time is predicted from. Sizes are logarithms: a tree then cuts at ratios, and twice as much is the same step at any size.
 * How well channels fill the blocks of eight and sixteen that vector units work on is a feature of its own: 17 channels cost as much as 32.
 */
import type { Place } from './place.ts';
import { activationPasses, type KernelWork, kernelGroups } from './work.ts';

export const kernelFeatureNames: readonly string[] = [
  ...kernelGroups.map((group) => `is ${group}`),
  ...['blocked', 'ln MACs', 'ln input bytes', 'ln weight bytes', 'ln output bytes', 'ln intensity'],
  ...['ln positions', 'ln inner', 'ln outer', 'window', 'stride', 'ln groups', 'ln batch'],
  ...[
    'outer fills 8',
    'outer fills 16',
    'inner fills 8',
    'positions fill 6',
    'extra inputs',
    'element bytes',
    'log2 working set',
    'leaves',
    'activation',
  ],
];

/** In the order of {@link kernelFeatureNames}. */
export function kernelFeatures(work: KernelWork, { memory, leaves }: Place): number[] {
  const bytes = bytesMoved(work);
  return [
    ...kernelGroups.map((group) => (group === work.group ? 1 : 0)),
    ...[
      work.blocked ? 1 : 0,
      ln(work.macs),
      ln(work.inputBytes),
      ln(work.weightBytes),
      ln(work.outputBytes),
      ln(work.macs / Math.max(1, bytes)),
    ],
    ...[ln(work.positions), ln(work.inner), ln(work.outer), work.window, work.stride, ln(work.groups), ln(work.batch)],
    ...[fill(work.outer, 8), fill(work.outer, 16), fill(work.inner, 8), fill(work.positions, 6), work.extraInputs, work.elementBytes],
    ...[memory, leaves ? 1 : 0, activationPasses[work.activation]],
  ];
}

/** Read and written. */
export function bytesMoved({ inputBytes, weightBytes, outputBytes }: KernelWork): number {
  return inputBytes + weightBytes + outputBytes;
}

function ln(value: number): number {
  return Math.log1p(value);
}

/** Part of the blocks of `block` that is used; 1: nothing is left over. */
function fill(count: number, block: number): number {
  return count === 0 ? 1 : count / (Math.ceil(count / block) * block);
}
