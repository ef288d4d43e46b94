/** What is made has the physics it claims: the pulses come as often as the geometry says, and classes differ in more than their loudness. */
import test from 'ava';
import { loadDataSet } from '../../../controller/data-sets/load-data-set.ts';
import { SYNTHETIC_CLASSES, syntheticRecordings } from '../../../controller/data-sets/synthetic-bearing.ts';

const { signal } = new AbortController();
const WINDOW = 64;
const SAMPLES_PER_SECOND = 12_000;
const SHAFT_HZ = 1797 / 60;

const made = new Map([...syntheticRecordings(WINDOW, 1)].map(({ label, samples }) => [SYNTHETIC_CLASSES[label]!, samples]));

/** Size of a frequency in a signal. */
function spectrum(samples: Float64Array, hz: number): number {
  const angle = (2 * Math.PI * hz) / SAMPLES_PER_SECOND;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  let [x, y, real, imaginary] = [1, 0, 0, 0];
  for (const value of samples) {
    real += value * x;
    imaginary += value * y;
    [x, y] = [x * cosine - y * sine, x * sine + y * cosine];
  }
  return Math.hypot(real, imaginary) / samples.length;
}

/** Where a range of frequencies has most, in steps. */
function peak(samples: Float64Array, from: number, to: number, step: number): number {
  let best = from;
  let most = 0;
  for (let hz = from; hz <= to; hz += step) {
    const size = spectrum(samples, hz);
    if (size > most) [best, most] = [hz, size];
  }
  return best;
}

test('there are a hundred windows of ten classes, split and the same for a seed', async (t) => {
  const options = { name: 'synthetic-bearing', folder: undefined, window: WINDOW, normalization: 'mean-std', split: 'random' } as const;
  const [one, same, other] = await Promise.all([7, 7, 8].map((seed) => loadDataSet({ ...options, seed }, signal)));
  t.deepEqual([one!.train.labels.length, one!.validation.labels.length, one!.classes.length], [800, 200, 10]);
  t.is(one!.train.windows.length, 800 * WINDOW);
  const equal = (a: Float32Array, b: Float32Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
  t.true(equal(one!.train.windows, same!.train.windows) && equal(one!.validation.windows, same!.validation.windows));
  t.false(equal(one!.train.windows, other!.train.windows));
  for (let label = 0; label < 10; label += 1) t.is(one!.validation.labels.filter((each) => each === BigInt(label)).length, 20);
});

// SKF 6205, as published with the CWRU data, in turns of the shaft. The ringing of one pulse overlaps that of the next: how often they come is
// seen in the lines of the spectrum, which are as far apart.
for (const [place, order] of [
  ['outer race', 3.5848],
  ['inner race', 5.4152],
  ['ball', 4.7135],
] as const) {
  test(`a fault of the ${place} is struck ${order} times in a turn of the shaft`, (t) => {
    const samples = made.get(`${place} 21 mil`)!;
    const sizes = Array.from({ length: 61 }, (_, index) => {
      const each = order + (index - 30) / 100;
      return [1, 2, 3, 4, 5, 6].reduce((sum, line) => sum + spectrum(samples, line * each * SHAFT_HZ), 0);
    });
    const found = order + (sizes.indexOf(Math.max(...sizes)) - 30) / 100;
    t.true(Math.abs(found - order) < 0.05, `${found}`);
  });
}

/** How much more its loudness has of a frequency than of those around it. Differences leave the vibration of the shaft itself out. */
function beats(samples: Float64Array, hz: number): number {
  const loudness = samples.map((value, index) => (value - (samples[index - 1] ?? value)) ** 2);
  const around = [0.55, 0.7, 1.3, 1.45].map((share) => spectrum(loudness, share * hz));
  return spectrum(loudness, hz) / (around.reduce((a, b) => a + b) / around.length);
}

test('the inner race turns through the load zone with the shaft, the outer race stays', (t) => {
  const [inner, outer] = ['inner race 7 mil', 'outer race 7 mil'].map((name) => beats(made.get(name)!, SHAFT_HZ));
  t.true(inner! > 5 && outer! < 3, `${inner} ${outer}`);
});

test('a healthy bearing has the speed of its shaft and noise, no ringing', (t) => {
  const normal = made.get('normal')!;
  t.true(Math.abs(peak(normal, 20, 80, 0.5) - SHAFT_HZ) < 1);
  const loudest = peak(normal, 200, 4000, 5);
  t.true(spectrum(normal, loudest) < 0.1 * spectrum(normal, SHAFT_HZ), `${loudest}`);
});

test('the classes ring at frequencies of their own', (t) => {
  const found = SYNTHETIC_CLASSES.slice(1).map((name) => peak(made.get(name)!.subarray(0, 3200), 200, 3200, 4));
  const sorted = found.toSorted((a, b) => a - b);
  for (const [index, hz] of sorted.entries()) if (index > 0) t.true(hz > 1.15 * sorted[index - 1]!, `${sorted}`);
});
