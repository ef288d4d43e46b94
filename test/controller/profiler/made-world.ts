/**
 * A world whose truth is known: devices that take so long for each multiply-accumulate and byte, a quota that makes everything longer by a factor, something
 * for each call, load that slows by a factor, and noise.
 */

import type { Query } from '../../../controller/profiler/basis.ts';
import { bytesMoved } from '../../../controller/profiler/kernels/features.ts';
import { type KernelGroup, kernelWork } from '../../../controller/profiler/kernels/work.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import type { Kernel } from '../../../mesh/kernel.ts';
import { normal } from '../../../mesh/normal.ts';
import type { Random } from '../../../mesh/random.ts';
import { optional } from '../../../mesh/wire-number.ts';

export interface TrueDevice {
  readonly name: string;
  /** Facts, with commas between them. */
  readonly key: string;
  /** Multiply-accumulates and bytes per microsecond. */
  readonly macs: number;
  readonly bytes: number;
  readonly ratio: number;
  readonly callMs: number;
}

export const fast: TrueDevice = { name: 'nuc', key: 'x64, nuc, 4 cores, no quota', macs: 40_000, bytes: 9_000, ratio: 1.05, callMs: 0.05 };
export const slow: TrueDevice = { name: 'pi', key: 'x64, pi, 4 cores, no quota', macs: 6_000, bytes: 2_500, ratio: 1.1, callMs: 0.2 };
export const half: TrueDevice = { name: 'half', key: 'x64, nuc, 4 cores, quota 0.5', macs: 40_000, bytes: 9_000, ratio: 2.1, callMs: 0.1 };
/** Never measured with kernels. */
export const strange: TrueDevice = {
  name: 'jetson',
  key: 'arm64, jetson, 6 cores, no quota',
  macs: 15_000,
  bytes: 4_000,
  ratio: 1.2,
  callMs: 0.1,
};

/** What one core that is always busy multiplies times with. */
export const LOAD_FACTOR = 1.5;

export interface TrueModel {
  readonly family: string;
  readonly name: string;
  readonly kernels: readonly Kernel[];
}

export function trueModels(families: number, random: Random): TrueModel[] {
  return Array.from({ length: families }, (_, family) => {
    const products = random.next();
    return [1, 2, 3].map((size) => ({
      ...{ family: `family${family}`, name: `family${family}-${size}` },
      kernels: Array.from({ length: 6 + random.below(8) }, () => (random.next() < products ? gemm(size, random) : conv(size, random))),
    }));
  }).flat();
}

function conv(size: number, random: Random): Kernel {
  const [input, output, side] = [16 * size + random.below(100), 16 * size + random.below(100), 14 + random.below(40)];
  return {
    ...{ name: 'conv', operator: 'Conv', outputs: [`float32[1, ${output}, ${side}, ${side}]`] },
    inputs: [`float32[1, ${input}, ${side}, ${side}]`, `float32[${output}, ${input}, 3, 3]`, `float32[${output}]`],
  };
}

function gemm(size: number, random: Random): Kernel {
  const [rows, inner, outer] = [32 * size + random.below(100), 200 + random.below(400), 200 + random.below(400)];
  return {
    name: 'fc',
    operator: 'Gemm',
    inputs: [`float32[${rows}, ${inner}]`, `float32[${outer}]`],
    outputs: [`float32[${rows}, ${outer}]`],
  };
}

const isDense = (group: KernelGroup): boolean => group === 'conv' || group === 'gemm';

export function trueUs({ macs, bytes }: TrueDevice, kernel: Kernel): number {
  const work = kernelWork(kernel);
  return (isDense(work.group) ? work.macs / macs : 0) + bytesMoved(work) / bytes + 3;
}

/** `busy`: cores that are always busy with something else. */
export function trueMs(device: TrueDevice, kernels: readonly Kernel[], busy = 0): number {
  const sum = kernels.reduce((all, kernel) => all + trueUs(device, kernel), 0) / 1000;
  return (device.ratio * sum + device.callMs) * LOAD_FACTOR ** busy;
}

export const circumstanceOn = ({ name, key }: TrueDevice, busy = 0): Sample['circumstance'] => ({
  ...{ device: name, deviceKey: key, runtimeVersion: '1.30.0', threads: 1, cores: 4, memoryBytes: 4e9, load: { cores: busy, duty: 1 } },
});

export const askOf = ({ kernels }: TrueModel, device: TrueDevice, busy = 0): Query => ({
  ...{ subject: { inputBytes: 600_000, outputBytes: 4000 }, circumstance: circumstanceOn(device, busy), state: {}, kernels },
});

export interface Measuring {
  readonly noise?: number;
  readonly busy?: readonly number[];
  readonly repeats?: number;
  /** Of the speed probe; by default there is none. */
  readonly probeMs?: number;
  readonly random: Random;
}

/** Of all models on all devices. Kernels are timed by the first repeat, where nothing else runs. */
export function measure(
  models: readonly TrueModel[],
  devices: readonly TrueDevice[],
  { noise = 0.03, busy = [0], repeats = 1, probeMs, random }: Measuring,
): Sample[] {
  const vary = (value: number): number => value * Math.exp(noise * normal(random));
  return models.flatMap(({ family, name, kernels }) =>
    devices.flatMap((device) =>
      busy.flatMap((cores) =>
        Array.from({ length: repeats }, (_, repeat): Sample => {
          const ms = vary(trueMs(device, kernels, cores));
          const timed = kernels.map((kernel) => ({ ...kernel, us: vary(trueUs(device, kernel)) }));
          return {
            ...{ run: 'made', source: 'collect', atMs: 0, execution: repeat + 1, state: optional('probeMs', probeMs) },
            subject: { kind: 'model', model: name, family, part: '', sha256: name, inputBytes: 600_000, outputBytes: 4000 },
            circumstance: circumstanceOn(device, cores),
            time: { ms, batches: [ms], count: 1, medianMs: ms, p90Ms: ms, minMs: ms },
            ...(cores === 0 && repeat === 0 ? { kernels: timed } : {}),
          };
        }),
      ),
    ),
  );
}
