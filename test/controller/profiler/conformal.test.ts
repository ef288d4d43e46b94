import test from 'ava';
import fc from 'fast-check';
import { calibrate, intervalOf, type Residual } from '../../../controller/profiler/conformal.ts';
import { normal } from '../../../mesh/normal.ts';
import { Random } from '../../../mesh/random.ts';

const of = (group: string, device: string, count: number, error: (index: number) => number): Residual[] =>
  Array.from({ length: count }, (_, index) => ({ group, device, lnError: error(index) }));
const infinite = { low: 0, high: Number.POSITIVE_INFINITY };
const pi = { group: 'models', device: 'pi' };

test('nine of ten lie within, whatever the errors are like', (t) => {
  const kinds: Readonly<Record<string, (random: Random) => number>> = {
    even: (random) => random.next(),
    normal: (random) => 0.3 * normal(random) + 1,
    oneSided: (random) => -Math.log(1 - random.next()),
    wild: (random) => normal(random) / (0.05 + random.next()),
    same: () => 0.1,
  };
  for (const [name, draw] of Object.entries(kinds)) {
    for (const count of [19, 25, 60, 200]) {
      const random = new Random(count);
      const tries = 4_000;
      let within = 0;
      for (let index = 0; index < tries; index += 1) {
        const { low, high } = intervalOf(calibrate(of('models', 'pi', count, () => draw(random))), 10, pi);
        const measured = 10 * Math.exp(draw(random));
        if (measured >= low && measured <= high) within += 1;
      }
      // Four standard deviations of a binomial distribution.
      const slack = 4 * Math.sqrt((0.9 * 0.1) / tries);
      t.true(within / tries >= 0.9 - slack, `${name} of ${count}: ${within / tries}`);
      if (name !== 'same') t.true(within / tries <= 0.9 + 2 / (count + 1) + slack, `${name} of ${count}: ${within / tries}`);
    }
  }
});

test('with too few errors it is infinite, with one more it is not', (t) => {
  t.deepEqual(intervalOf(calibrate([]), 10, pi), infinite);
  t.deepEqual(intervalOf(calibrate(of('models', 'pi', 18, () => 0.1)), 10, pi), infinite);
  t.true(Number.isFinite(intervalOf(calibrate(of('models', 'pi', 19, () => 0.1)), 10, pi).high));
  t.deepEqual(intervalOf(calibrate(of('models', 'pi', 198, () => 0.1)), 10, pi, 0.99), infinite);
  t.true(Number.isFinite(intervalOf(calibrate(of('models', 'pi', 199, () => 0.1)), 10, pi, 0.99).high));
});

test('a device stands for itself when it has enough, else its group does, else nobody knows', (t) => {
  const widths = (devices: number, group: number): number => {
    const residuals = [
      ...of('models', 'pi', devices, (index) => (index % 2 === 0 ? 0.01 : -0.01)),
      ...of('models', 'nuc', group, (index) => (index % 2 === 0 ? 0.1 : -0.1)),
      ...of('parts', 'pi', 1_000, (index) => (index % 2 === 0 ? 1 : -1)),
    ];
    const { low, high } = intervalOf(calibrate(residuals), 1, pi);
    return high === Number.POSITIVE_INFINITY ? high : Math.round(50 * Math.log(high / low)) / 100;
  };
  t.is(widths(40, 1_000), 0.01);
  t.is(widths(39, 1_000), 0.1);
  t.is(widths(3, 10), Number.POSITIVE_INFINITY);
});

test('an interval grows with its coverage and with the prediction', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 199, maxLength: 300 }), (errors) => {
      const calibration = calibrate(errors.map((lnError) => ({ ...pi, lnError })));
      const [half, most, nearly] = [0.5, 0.9, 0.99].map((coverage) => intervalOf(calibration, 2, pi, coverage));
      t.true(nearly!.low <= most!.low && most!.low <= half!.low && half!.high <= most!.high && most!.high <= nearly!.high);
      t.true(Math.abs(intervalOf(calibration, 20, pi).high - 10 * most!.high) < 1e-9 * most!.high);
    }),
    { numRuns: 50 },
  );
});

test('what is left of JSON gives the same', (t) => {
  const calibration = calibrate(of('models', 'pi', 50, (index) => index / 100));
  t.deepEqual(intervalOf(JSON.parse(JSON.stringify(calibration)), 3, pi), intervalOf(calibration, 3, pi));
  t.throws(() => calibrate(of('models', 'pi', 1, () => Number.NaN)), { message: /models on pi is NaN/ });
});
