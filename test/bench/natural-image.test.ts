import test from 'ava';
import { modelInput, naturalImage } from '../../bench/support/natural-image.ts';

const SIZE = 128;
const seeds = [1, 2, 3, 4, 5, 6];

/** Green, without its mean. */
function plane(seed: number): Float32Array {
  const values = naturalImage(seed, SIZE).subarray(SIZE * SIZE, 2 * SIZE * SIZE);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** Mean power of the rows at a frequency, in cycles a row. */
function power(values: Float32Array, frequency: number): number {
  let sum = 0;
  for (let row = 0; row < SIZE; row += 1) {
    let re = 0;
    let im = 0;
    for (let column = 0; column < SIZE; column += 1) {
      // Hann's window: a row does not end where it begins, and the step between would be an edge that no picture has.
      const value = values[row * SIZE + column]! * (1 - Math.cos((2 * Math.PI * column) / SIZE));
      re += value * Math.cos((2 * Math.PI * frequency * column) / SIZE);
      im += value * Math.sin((2 * Math.PI * frequency * column) / SIZE);
    }
    sum += re * re + im * im;
  }
  return sum / SIZE;
}

test('the power of a row falls with the frequency about as 1/f, as in photographs, whose power falls as 1/f² in two dimensions', (t) => {
  const frequencies = [3, 4, 6, 8, 12, 16, 24];
  const logs = frequencies.map((frequency) => {
    const mean = seeds.reduce((sum, seed) => sum + power(plane(seed), frequency), 0) / seeds.length;
    return [Math.log(frequency), Math.log(mean)] as const;
  });
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const slope = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  t.true(slope < -0.7 && slope > -1.7, `slope ${slope}`);
});

test('most neighbours are nearly alike and a few differ much: a picture has edges', (t) => {
  for (const seed of seeds) {
    const values = plane(seed);
    const steps = Array.from(values.subarray(1), (value, at) => value - values[at]!).filter((_, at) => (at + 1) % SIZE !== 0);
    const moment = (power: number): number => steps.reduce((sum, step) => sum + step ** power, 0) / steps.length;
    // A normal distribution has 3.
    t.true(moment(4) / moment(2) ** 2 > 6, `seed ${seed}: kurtosis ${moment(4) / moment(2) ** 2}`);
  }
});

test('its colours go together', (t) => {
  for (const seed of seeds) {
    const image = naturalImage(seed, SIZE);
    const [red, green] = [0, 1].map((channel) => image.subarray(channel * SIZE * SIZE, (channel + 1) * SIZE * SIZE)) as [
      Float32Array,
      Float32Array,
    ];
    const centred = (values: Float32Array): Float32Array => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    };
    const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
    const [r, g] = [centred(red), centred(green)];
    t.true(product(r, g) / Math.sqrt(product(r, r) * product(g, g)) > 0.7, `seed ${seed}`);
  }
});

test('values are those of 8 bits, the same for the same seed and others for another', (t) => {
  const image = naturalImage(7, 64);
  t.true(image.every((value) => value >= 0 && value <= 1 && Math.abs(value * 255 - Math.round(value * 255)) < 1e-4));
  t.deepEqual(naturalImage(7, 64), image);
  t.notDeepEqual(naturalImage(8, 64), image);
});

test('an input of a model is the picture in standard deviations of its channel', (t) => {
  const image = naturalImage(7, 64);
  const input = modelInput(7, 64);
  for (const [channel, mean, std] of [
    [0, 0.485, 0.229],
    [1, 0.456, 0.224],
    [2, 0.406, 0.225],
  ] as const) {
    const at = channel * 64 * 64 + 100;
    t.true(Math.abs(input[at]! * std + mean - image[at]!) < 1e-6);
  }
});
