import test from 'ava';
import { shareChangeText, shownNumber, shownText, shownUnit } from '../../../controller/report/measured-text.ts';

test('values have a unit that fits the largest of them', (t) => {
  const shown = (metric: string, unit: string, ...values: number[]) =>
    values.map((value) => shownText(value, shownUnit(metric, unit, values)));
  t.deepEqual(shown('memory.peak', 'B', 2e8, 1.5e8), ['191 MiB', '143 MiB']);
  t.deepEqual(shown('wall', 'ms', 9_000), ['9000 ms']);
  t.deepEqual(shown('wall', 'ms', 20_000, 500), ['20.0 s', '0.5 s']);
  t.deepEqual(shown('accuracy', '1', 0.985), ['98.5 %']);
  t.deepEqual(shown('loss', '1', 0.0115), ['0.0115']);
  t.deepEqual(shown('own', 'furlongs', 3), ['3.00 furlongs']);
  t.is(shownNumber(null, { scale: 1 }), '–');
});

test('changes have a sign, and none is said where there is none', (t) => {
  t.deepEqual([0.1234, -0.5, 0, 1e-9, null, Number.POSITIVE_INFINITY].map(shareChangeText), [
    '+12.3 %',
    '−50.0 %',
    '±0 %',
    '±0 %',
    '–',
    '–',
  ]);
});
