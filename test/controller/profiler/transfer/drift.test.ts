import test from 'ava';
import { normal } from '../../../../mesh/normal.ts';
import { Random } from '../../../../mesh/random.ts';
import { evenWeights, fitTransfer } from './fit-transfer.ts';
import { madeDevice } from './made-device.ts';

const weights = evenWeights(3);
const SEQUENCES = 400;

/** Of `SEQUENCES` devices, how many alarm within 200 timings that only vary. */
function alarms(noiseOf: (random: Random) => number): number {
  let count = 0;
  for (let seed = 0; seed < SEQUENCES; seed += 1) {
    const device = madeDevice(seed, 0);
    const random = new Random(seed + 50_000);
    const rows = Array.from({ length: 200 }, () => {
      const { x, truth } = device.timing();
      return { x, y: truth + noiseOf(random) };
    });
    if (fitTransfer(rows, { weights }).drifts > 0) count += 1;
  }
  return count;
}

test('timings that only vary are no drift: evenly by ± 20 %, normally with 20 %, or with one in fifty that is wild', (t) => {
  const found = {
    even: alarms((random) => Math.log(0.8 + 0.4 * random.next())),
    normal: alarms((random) => 0.2 * normal(random)),
    quiet: alarms((random) => 0.02 * normal(random)),
    wild: alarms((random) => 0.1 * normal(random) + (random.next() < 0.02 ? 1 : 0)),
  };
  t.log(found);
  for (const [name, count] of Object.entries(found)) t.true(count <= SEQUENCES / 100, `${name}: ${count}`);
});

test('a third of the speed, or three times it, is noticed within five timings and learnt soon after', (t) => {
  for (const change of [Math.log(3), -Math.log(3)]) {
    for (const noise of [0.02, 0.1, 0.2]) {
      const delays: number[] = [];
      const errors: number[] = [];
      for (let seed = 0; seed < 150; seed += 1) {
        const device = madeDevice(seed, noise);
        const made = fitTransfer(
          Array.from({ length: 8 + (seed % 90) }, () => device.timing()),
          { weights },
        );
        if (made.drifts > 0) continue;
        device.offset += change;
        let delay = 0;
        while (made.drifts === 0 && delay < 50) {
          const { x, y } = device.timing();
          made.update(x, y);
          delay += 1;
        }
        delays.push(delay);
        const { x, truth } = device.timing();
        errors.push(Math.abs(made.predict(x).lnMs - truth));
      }
      const late = delays.filter((delay) => delay > 5).length;
      const error = errors.reduce((sum, each) => sum + each, 0) / errors.length;
      t.log(`noise ${noise}: ${late} of ${delays.length} late, at most ${Math.max(...delays)}; then off by ${error.toFixed(3)}`);
      t.true(delays.length > 145);
      t.true(late <= delays.length / 100);
      t.true(error < 0.1 + noise);
    }
  }
});

test('what was learnt before a change still counts where it did not change', (t) => {
  const device = madeDevice(7, 0.05);
  const made = fitTransfer(
    Array.from({ length: 60 }, () => device.timing()),
    { weights },
  );
  const before = device.timing();
  device.offset += 1;
  for (let index = 0; index < 6; index += 1) {
    const { x, y } = device.timing();
    made.update(x, y);
  }
  t.is(made.drifts, 1);
  t.true(made.predict(before.x).count <= 6);
  t.true(Math.abs(made.predict(before.x).lnMs - before.truth - 1) < 0.1);
});
