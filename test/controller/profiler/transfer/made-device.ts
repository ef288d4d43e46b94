/** A device that was made up: a mixture of three known ones, times a factor, with noise. */
import { normal } from '../../../../mesh/normal.ts';
import { Random } from '../../../../mesh/random.ts';

export interface Timing {
  readonly x: readonly number[];
  readonly y: number;
  /** Without noise. */
  readonly truth: number;
}

export interface MadeDevice {
  /** ln of the factor. */
  offset: number;
  timing(): Timing;
}

export function madeDevice(seed: number, noise: number): MadeDevice {
  const random = new Random(seed);
  const mixture = [random.next(), random.next(), random.next()];
  const sum = mixture.reduce((all, each) => all + each, 0);
  const device: MadeDevice = {
    offset: normal(random) * 1.2,
    timing() {
      const size = -1 + 6 * random.next();
      const x = [0, 0.7, -0.5].map((speed) => size + speed + 0.2 * normal(random));
      const truth = device.offset + x.reduce((all, each, index) => all + (each * mixture[index]!) / sum, 0);
      return { x, y: truth + noise * normal(random), truth };
    },
  };
  return device;
}
