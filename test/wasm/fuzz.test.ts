import test from 'ava';
import { fuzz } from '../../bench/support/fuzz/run.ts';

test('hostile bytes: nothing is written outside, both builds agree, and the reference with them; a small run of bench/fuzz', (t) => {
  const tallies = fuzz(20_261_121, 6000, Number.POSITIVE_INFINITY, () => 0);
  for (const { target, cases, verdicts } of tallies) {
    t.true(cases >= 200, target);
    t.true((verdicts.get('ok') ?? 0) > 0, `${target}: nothing was accepted, so nothing was compared`);
    t.true((verdicts.get('ok') ?? 0) < cases, `${target}: nothing was refused`);
  }
});
