/** Predictions for a person to read: a table, and beside it what is uncertain about it. */
import type { PlacePrediction } from '../predict/predict-on-devices.ts';
import type { Contribution, Interval, Prediction } from '../profiler/prediction.ts';
import type { Subject } from '../profiler/sample.ts';
import { threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';

export interface PredictedModel {
  readonly subject: Subject;
  readonly kernels: number;
  readonly places: readonly PlacePrediction[];
}

const head: readonly Column[] = [
  { title: 'DEVICE' },
  { title: 'THR', align: 'right' },
  { title: 'MS', align: 'right' },
  { title: '90 % OF CASES', align: 'right' },
  { title: 'MEASURED', align: 'right' },
  { title: 'MOSTLY', flexible: true },
];

export function predictionText({ subject, kernels, places }: PredictedModel, columns: number): string {
  const rows = places.map(({ place, prediction }) => [
    place.circumstance.device,
    `${place.circumstance.threads}`,
    threeDigits(prediction.ms),
    intervalText(prediction.interval),
    `${prediction.measurements}`,
    prediction.contributions.map(contributionText).join(', '),
  ]);
  const notes = places.flatMap(({ place, prediction }) => notesOf(place.circumstance.device, prediction));
  const lines = [
    `${subject.model}  ${kernels} kernels`,
    '',
    ...formatTable(head, rows, columns),
    ...(notes.length === 0 ? [] : ['', 'extrapolated, believe it less:', ...notes]),
  ];
  return `${lines.join('\n')}\n`;
}

/** `20.4 to 25.1`. */
export function intervalText({ low, high }: Interval): string {
  return Number.isFinite(high) ? `${threeDigits(low)} to ${threeDigits(high)}` : 'infinite';
}

export function contributionText({ name, value, unit }: Contribution): string {
  return unit === 'ms' ? `${name} ${threeDigits(value)} ms` : `${name} × ${threeDigits(value)}`;
}

function notesOf(device: string, { extrapolates }: Prediction): string[] {
  return extrapolates.map((why) => `  ${device}: ${why}`);
}
