/**
 * Samples of a world that was made up: devices of different speed for convolutions and for products, models of some families, load beside them, repeats that
 * vary. What a device is good at differs, so that the fastest one is not the same for all models.
 */

import type { Sample } from '../../../../controller/profiler/sample.ts';
import type { TimedKernel } from '../../../../mesh/kernel.ts';
import { normal } from '../../../../mesh/normal.ts';
import { Random } from '../../../../mesh/random.ts';

export interface MadeDevice {
  readonly name: string;
  /** Multiply-accumulates per microsecond. */
  readonly conv: number;
  readonly product: number;
}

export const madeDevices: readonly MadeDevice[] = [
  { name: 'pi4', conv: 4_000, product: 1_800 },
  { name: 'nuc', conv: 60_000, product: 10_000 },
  { name: 'jetson', conv: 24_000, product: 14_000 },
  { name: 'quota 0.5', conv: 9_000, product: 3_600 },
];

export interface World {
  readonly devices?: readonly MadeDevice[];
  readonly families?: number;
  readonly repeats?: number;
  /** Standard deviation of the logarithm. */
  readonly noise?: number;
  readonly seed?: number;
}

export function madeSamples({ devices = madeDevices, families = 6, repeats = 3, noise = 0.05, seed = 1 }: World = {}): Sample[] {
  const random = new Random(seed);
  const samples: Sample[] = [];
  for (let family = 0; family < families; family += 1) {
    for (const size of [1, 2, 4]) {
      const share = (family + 0.5) / families;
      const kernels = kernelsOf(size * 2e8 * (0.5 + random.next()), share);
      for (const part of ['', '1-4']) {
        const own = part === '' ? kernels : kernels.slice(0, 1);
        for (const device of devices) {
          for (const load of [0, 1]) {
            for (let execution = 1; execution <= repeats; execution += 1) {
              const factor = (1 + 0.6 * load) * Math.exp(noise * normal(random));
              samples.push(
                sampleOf({ family: `family${family}`, size, part, device, load, execution, kernels: own, factor, at: samples.length }),
              );
            }
          }
        }
      }
    }
  }
  // As a collection measures: interleaved, not model by model.
  const order = samples.map((sample) => ({ sample, place: random.next() })).sort((a, b) => a.place - b.place);
  return order.map(({ sample }, index) => ({ ...sample, atMs: 1_700_000_000_000 + index * 60_000 }));
}

interface Made {
  readonly family: string;
  readonly size: number;
  readonly part: string;
  readonly device: MadeDevice;
  readonly load: number;
  readonly execution: number;
  readonly kernels: readonly (readonly [operator: string, macs: number])[];
  readonly factor: number;
  readonly at: number;
}

function sampleOf({ family, size, part, device, load, execution, kernels, factor }: Made): Sample {
  const timed = kernels.map(([operator, macs]): TimedKernel => {
    const sides = Math.max(1, Math.round(Math.sqrt(macs / 64)));
    const shapes =
      operator === 'Conv'
        ? [`float32[1, 64, ${sides}, ${sides}]`, 'float32[1, 64, 1, 1]']
        : [`float32[${sides}, 64]`, `float32[64, ${sides}]`];
    const output = operator === 'Conv' ? `float32[1, 1, ${sides}, ${sides}]` : `float32[${sides}, ${sides}]`;
    return {
      name: operator,
      operator,
      inputs: shapes,
      outputs: [output],
      us: (macs / (operator === 'Conv' ? device.conv : device.product)) * factor,
    };
  });
  const ms = timed.reduce((sum, { us }) => sum + us, 0) / 1000 + 0.2;
  return {
    ...{ run: 'c1', source: 'collect', atMs: 0, execution },
    subject: {
      ...{ kind: part === '' ? 'model' : 'segment', model: `${family}-${size}`, family, part },
      ...{ sha256: `${family}${size}${part}`, inputBytes: 600_000, outputBytes: 4_000 },
    },
    circumstance: {
      ...{ device: device.name, deviceKey: device.name, runtimeVersion: '1.30.0', threads: 1, cores: 4, memoryBytes: 4e9 },
      load: { cores: load, duty: load === 0 ? 0 : 0.8 },
    },
    state: {},
    time: { ms, batches: [ms], count: 10, medianMs: ms, p90Ms: ms, minMs: ms },
    // As a collection does: not each execution asks for kernels.
    ...(execution === 1 ? { kernels: timed } : {}),
  };
}

/** Convolutions and products. */
function kernelsOf(macs: number, share: number): (readonly [string, number])[] {
  return [
    ['Conv', macs * share],
    ['MatMul', macs * (1 - share)],
  ];
}
