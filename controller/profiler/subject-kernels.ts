/**
 * Which kernels a subject has. The runtime makes the same of a file on all devices of an architecture; they are told once, when it is first loaded, and hold
 * for every sample of it.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { Sample } from './sample.ts';

export type KernelsOf = (sample: Pick<Sample, 'subject' | 'circumstance' | 'kernels' | 'kernelsSeen'>) => readonly Kernel[] | undefined;

/** Of all subjects whose kernels any of the samples tells. */
export function kernelsOfSubjects(samples: readonly Sample[]): KernelsOf {
  const known = new Map<string, readonly Kernel[]>();
  for (const sample of samples) {
    const own = sample.kernels ?? sample.kernelsSeen;
    if (own !== undefined) known.set(keyOf(sample), own);
  }
  return (sample) => sample.kernels ?? sample.kernelsSeen ?? known.get(keyOf(sample));
}

/** Another release may fuse otherwise, another architecture has blocks of other sizes. */
function keyOf({ subject, circumstance }: Pick<Sample, 'subject' | 'circumstance'>): string {
  const arch = circumstance.deviceKey.split(',')[0]!;
  return `${subject.sha256} ${subject.part} ${arch} ${circumstance.runtimeVersion}`;
}
