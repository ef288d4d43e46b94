/** What is supposed of a device before it was measured. */
import test from 'ava';
import { transferFor } from '../../../controller/profiler/transfer-prior.ts';
import type { TrueDevice } from './made-world.ts';
import { circumstanceOn, fast, half, slow, strange } from './made-world.ts';

const refs = (...keys: readonly string[]) => keys.map((key) => ({ key: `${key}, 1 threads` }));
const weightsOf = (keys: readonly string[], device: TrueDevice) =>
  transferFor(refs(...keys), circumstanceOn(device)).toJSON().settings.weights;

test('a device is as the known one of its key, even when another has all of its facts, and more', (t) => {
  t.deepEqual(weightsOf([slow.key, fast.key], fast), [0, 1]);
  t.deepEqual(weightsOf([`${fast.key}, memory 1000`, fast.key], fast), [0, 1]);
});

test('a device that is not known is as those that have most in common with it', (t) => {
  t.deepEqual(weightsOf([slow.key, fast.key], half), [0, 1]);
  t.deepEqual(weightsOf([slow.key, fast.key], strange), [0.5, 0.5]);
});

test('of a known device less is left to be found out', (t) => {
  const [known, other] = [transferFor(refs(fast.key), circumstanceOn(fast)), transferFor(refs(fast.key), circumstanceOn(strange))];
  t.true(known.predict([1]).variance < other.predict([1]).variance / 10);
});

test('without any known device there is nothing to suppose', (t) => {
  t.throws(() => transferFor([], circumstanceOn(fast)), { instanceOf: RangeError });
});
