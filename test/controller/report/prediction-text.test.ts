/** Predictions as a person reads them. */
import test from 'ava';
import type { PlacePrediction } from '../../../controller/predict/predict-on-devices.ts';
import { contributionText, intervalText, predictionText } from '../../../controller/report/prediction-text.ts';
import { sample } from '../profile/samples-fixture.ts';

const { subject, circumstance } = sample;
const place = (device: string, ms: number, more: Partial<PlacePrediction['prediction']> = {}): PlacePrediction => ({
  place: { circumstance: { ...circumstance, device }, state: {} },
  prediction: {
    ...{ ms, interval: { low: 0.9 * ms, high: 1.2 * ms }, measurements: 12, extrapolates: [] },
    contributions: [
      { name: '20 × conv', value: 15, unit: 'ms' },
      { name: 'load', value: 1.5, unit: '×' },
    ],
    ...more,
  },
});

test('each device has a line: what it takes, how sure that is, and why', (t) => {
  const lines = predictionText({ subject, kernels: 58, places: [place('nuc', 20), place('pi', 120)] }, 200).split('\n');
  t.is(lines[0], 'lenet  58 kernels');
  t.deepEqual(lines[2]!.trim().split(/\s{2,}/), ['DEVICE', 'THR', 'MS', '90 % OF CASES', 'MEASURED', 'MOSTLY']);
  t.regex(lines[3]!, /^nuc +1 +20\.0 +18\.0 to 24\.0 +12 +20 × conv 15\.0 ms, load × 1\.50$/);
  t.regex(lines[4]!, /^pi +1 +120 +108 to 144 /);
  t.is(lines.length, 6, 'nothing is extrapolated, nothing is said of it');
});

test('what is extrapolated is said of its device, below', (t) => {
  const strange = place('pi', 120, {
    extrapolates: ['nothing was ever measured on pi'],
    interval: { low: 0, high: Number.POSITIVE_INFINITY },
  });
  const text = predictionText({ subject, kernels: 58, places: [place('nuc', 20), strange] }, 200);
  t.regex(text, /pi .* infinite /);
  t.true(text.endsWith('\n\nextrapolated, believe it less:\n  pi: nothing was ever measured on pi\n'), text);
});

test('lines are as narrow as they have to be', (t) => {
  const lines = predictionText({ subject, kernels: 58, places: [place('nuc', 20)] }, 70).split('\n');
  t.true(
    lines.every((line) => [...line].length <= 70),
    lines.join('\n'),
  );
});

test('intervals and contributions have three digits', (t) => {
  t.is(intervalText({ low: 1.23456, high: 234.56 }), '1.23 to 235');
  t.is(intervalText({ low: 0, high: Number.POSITIVE_INFINITY }), 'infinite');
  t.is(contributionText({ name: 'load', value: 2, unit: '×' }), 'load × 2.00');
  t.is(contributionText({ name: '3 × gemm', value: 12.34, unit: 'ms' }), '3 × gemm 12.3 ms');
});
