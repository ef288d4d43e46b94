/** Samples as they travel to the store's thread: lists of kernels apart, as many samples have the same. */
import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { MeshError } from '../../mesh/error.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import type { Sample } from '../profiler/sample.ts';
import type { KernelList, PackedSample, PackedSamples } from './profile-records.ts';

/** A thousand kernels are some hundred kilobytes; what unpacks to more than this is damaged. */
const LIST_BYTES_MAX = 64 * 1024 * 1024;

export function packSamples(samples: readonly Sample[]): PackedSamples {
  const lists = new Map<string, KernelList>();
  const pack = ({ kernels, kernelsSeen, ...sample }: Sample): PackedSample => {
    const all = kernels ?? kernelsSeen;
    if (all === undefined) return { sample, kernels: undefined };
    const text = JSON.stringify(all.map(({ name, operator, inputs, outputs }) => ({ name, operator, inputs, outputs })));
    const digest = createHash('sha256').update(text).digest('hex');
    if (!lists.has(digest)) lists.set(digest, { digest, list: deflateSync(text) });
    const us = kernels === undefined ? undefined : new Uint8Array(Float64Array.from(kernels, (kernel) => kernel.us).buffer);
    return { sample, kernels: { digest, us } };
  };
  return { samples: samples.map(pack), lists: [...lists.values()] };
}

/** Error `invalid` when a list is damaged. */
export function unpackSamples({ samples, lists }: PackedSamples): Sample[] {
  const kernels = new Map(lists.map(({ digest, list }) => [digest, kernelsOf(list)]));
  return samples.map(({ sample, kernels: packed }): Sample => {
    if (packed === undefined) return sample;
    const all = kernels.get(packed.digest)!;
    if (packed.us === undefined) return { ...sample, kernelsSeen: all };
    const us = new Float64Array(packed.us.slice().buffer);
    return { ...sample, kernels: all.map((kernel, index) => ({ ...kernel, us: us[index]! })) };
  });
}

function kernelsOf(list: Uint8Array): readonly Kernel[] {
  try {
    return JSON.parse(inflateSync(list, { maxOutputLength: LIST_BYTES_MAX }).toString()) as Kernel[];
  } catch (error) {
    throw new MeshError('invalid', `a list of kernels in the store can't be read: ${MeshError.from(error).message}`, { cause: error });
  }
}
