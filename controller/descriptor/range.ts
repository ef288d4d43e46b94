/**
 * The values of a range, both ends included:
 *
 *     { from = 1, to = 8, factor = 2 }                            1, 2, 4, 8
 *     { from = "256MiB", to = "64MiB", step = "64MiB" }           256MiB, 192MiB, 128MiB, 64MiB
 *
 * Step and factor lead from `from` towards `to`, whichever is more. Values are computed from the first one each, and fractions rounded to twelve digits, so that 0.1, 0.2, 0.3 is
 * what it looks like.
 */
import { parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';

export interface WrittenRange {
  readonly from: string | number;
  readonly to: string | number;
  readonly step?: string | number | undefined;
  readonly factor?: number | undefined;
}

/** Of one range. */
const VALUES_MAX = 1000;
/** Three steps of 0.1 are a little more than 0.3. */
const SLACK = 1e-9;

/** Numbers, or amounts of memory as texts. Error `usage` for what is no range. */
export function rangeValues({ from, to, step, factor }: WrittenRange): readonly (string | number)[] {
  if ((step === undefined) === (factor === undefined))
    throw new MeshError('usage', `a range wants ${step === undefined ? 'step or factor' : 'either step or factor, not both'}`);
  const bounds = step === undefined ? [from, to] : [from, to, step];
  const areSizes = bounds.every((bound) => typeof bound === 'string');
  if (!areSizes && bounds.some((bound) => typeof bound === 'string'))
    throw new MeshError('usage', 'a range is of numbers or of amounts of memory, not of both');
  const [first, last, distance] = bounds.map((bound) => (typeof bound === 'string' ? parseBytes(bound) : bound)) as [
    number,
    number,
    number?,
  ];
  const values = distance === undefined ? geometric(first, last, factor!) : arithmetic(first, last, distance);
  return areSizes
    ? values.map((bytes) => sizeText(Math.round(bytes)))
    : values.map((value) => (Number.isInteger(value) ? value : Number(value.toPrecision(12))));
}

function arithmetic(first: number, last: number, step: number): number[] {
  if (!(step > 0)) throw new MeshError('usage', `a step is a distance: expected more than 0, found ${step}`);
  const count = counted(Math.abs(last - first) / step);
  const towards = last < first ? -step : step;
  return Array.from({ length: count }, (_, index) => first + index * towards);
}

function geometric(first: number, last: number, factor: number): number[] {
  if (!(factor > 1)) throw new MeshError('usage', `expected a factor of more than 1, found ${factor}`);
  if (!(first > 0 && last > 0)) throw new MeshError('usage', 'a range with a factor begins and ends above 0');
  const count = counted(Math.abs(Math.log(last) - Math.log(first)) / Math.log(factor));
  const towards = last < first ? 1 / factor : factor;
  return Array.from({ length: count }, (_, index) => first * towards ** index);
}

function counted(steps: number): number {
  const count = Math.floor(steps + SLACK) + 1;
  if (!(count <= VALUES_MAX)) throw new MeshError('usage', `this range has more than ${VALUES_MAX} values`);
  return count;
}

/** In the largest unit that says it exactly, as options take it: 1536MiB, not 1.5GiB. */
function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  return `${bytes}B`;
}
