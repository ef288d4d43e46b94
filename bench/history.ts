/**
 * Histories of benchmarks: how often alarms are false, how soon changes are found, where they are said to be, how good intervals are, what a look costs.
 *
 *     node bench/history.ts [--histories 300] [--steps 1000] [--seed 1] [--json]
 *
 * As histories are used: they grow run by run, and after every run the whole history is looked at. A history has a false alarm when any of its looks raises one, the
 * state "for the worse"; change points in either direction are told beside it. A step, at a run drawn from 50 to 60, has to be found at one of the looks up to
 * its fifth run. Nothing here takes time or the machine into account but the last rows.
 */
import { parseArgs } from 'node:util';
import { findChangePoints } from '../controller/history/change-points.ts';
import { compareSamples } from '../controller/history/compare.ts';
import { Random } from '../mesh/random.ts';
import { history, type NoiseKind } from './support/histories.ts';
import { print, type Row, type Table } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '300' },
    steps: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const histories = Number(values.histories);
const steps = Number(values.steps);
const seed = Number(values.seed);

const judged: readonly NoiseKind[] = ['white', 'spiky', 'bimodal', 'AR(1) 0.7'];
const others: readonly NoiseKind[] = ['heavy tails', 'AR(1) 0.3', 'AR(1) 0.5', 'AR(1) 0.9', 'modes of 5 runs', 'modes of 20 runs'];
const FIRST = 6;
const FOUND_WITHIN = 5;
const FOLLOWED = 30;

const percent = (part: number, whole: number): number => (100 * part) / whole;

interface FalseAlarms {
  readonly worse: number;
  readonly either: number;
}

/** Of `count` histories that only vary, how many raise one at any look. */
function falseAlarms(kind: NoiseKind, length: number, count: number): FalseAlarms {
  const random = new Random(seed);
  let worse = 0;
  let either = 0;
  for (let each = 0; each < count; each += 1) {
    const runs = history(kind, length, random);
    let any = false;
    let bad = false;
    for (let seen = FIRST; seen <= length && !bad; seen += 1) {
      const found = findChangePoints(runs.slice(0, seen));
      any ||= found.length > 0;
      bad = found.some(({ ratio }) => ratio > 1);
    }
    if (any) either += 1;
    if (bad) worse += 1;
  }
  return { worse: percent(worse, count), either: percent(either, count) };
}

interface Found {
  /** Runs at the new level when it was first told; undefined: not within FOLLOWED. */
  readonly after: number | undefined;
  /** How far from the true one its place was then. */
  readonly off: number | undefined;
}

function stepsFound(kind: NoiseKind, ratio: number, count: number, followed: number): Found[] {
  const random = new Random(seed + 1_000);
  return Array.from({ length: count }, () => {
    const at = 50 + random.below(11);
    const runs = history(kind, at + followed, random, { at, ratio });
    for (let after = 1; after <= followed; after += 1) {
      // Not what was there before: noise that was told as a change.
      const found = findChangePoints(runs.slice(0, at + after)).find((each) => each.index >= at - 3 && each.ratio > 1 === ratio > 1);
      if (found !== undefined) return { after, off: Math.abs(found.index - at) };
    }
    return { after: undefined, off: undefined };
  });
}

const within = (found: readonly Found[], runs: number): number =>
  percent(found.filter(({ after }) => after !== undefined && after <= runs).length, found.length);

/** In how many of the experiments the interval has the true ratio, and what is said where nothing differs. */
function comparisons(kind: NoiseKind, size: number, ratio: number): (string | number)[] {
  const random = new Random(seed + 2_000);
  let covered = 0;
  const verdicts = { better: 0, worse: 0, same: 0, unsure: 0 };
  for (let each = 0; each < experiments; each += 1) {
    const a = history(kind, size, random);
    const b = history(kind, size, random, { at: 0, ratio });
    const { low, high, verdict } = compareSamples(a, b, { better: 'lower', random });
    if (low <= ratio && ratio <= high) covered += 1;
    verdicts[verdict] += 1;
  }
  const shares = [covered, verdicts.better, verdicts.worse, verdicts.same, verdicts.unsure].map((part) => percent(part, experiments));
  return [`${kind}, ${size} of each, × ${ratio}`, ...shares];
}

function lookUs(length: number): number[] {
  const random = new Random(seed + 3_000);
  return Array.from({ length: 7 }, () => {
    const many = Array.from({ length: 40 }, () => history('white', length, random));
    const before = process.cpuUsage();
    for (const runs of many) findChangePoints(runs);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / many.length;
  });
}

const rows: Row[] = [];
const row = (what: string, value: number, unit: string, bar?: Row['bar']): void => {
  rows.push({ what, value, unit, rounds: [], ...(bar === undefined ? {} : { bar }) });
};
/** Where there is no bar; of histories of 300 runs, a look at which takes long, and of comparisons, still fewer. */
const fewer = Math.max(1, Math.round(histories / 3));
const fewest = Math.max(1, Math.round(histories / 10));
const experiments = Math.max(1, Math.round(steps / 5));

const alarmLines: (string | number)[][] = [];
for (const kind of [...judged, ...others]) {
  const { worse, either } = falseAlarms(kind, 100, judged.includes(kind) ? histories : fewer);
  if (judged.includes(kind)) row(`false alarms, ${kind}, 100 runs`, worse, '%', { atMost: 3 });
  const short = falseAlarms(kind, 30, histories);
  // Looks at long histories take most of the time: of the kinds with a bar only.
  const long = judged.includes(kind) ? falseAlarms(kind, 300, fewest) : undefined;
  alarmLines.push([kind, short.worse, short.either, worse, either, long?.worse ?? '', long?.either ?? '']);
}

const stepLines: (string | number)[][] = [];
for (const kind of judged) {
  for (const ratio of [1.1, 0.9, 1.05, 0.95]) {
    const bar = ratio === 1.1 ? { white: 98, 'AR(1) 0.7': 70 }[kind as string] : undefined;
    const found = stepsFound(kind, ratio, bar === undefined ? fewer : steps, bar === undefined ? FOLLOWED : FOUND_WITHIN);
    if (bar !== undefined) row(`+10 % found within ${FOUND_WITHIN} runs, ${kind}`, within(found, FOUND_WITHIN), '%', { atLeast: bar });
    const followed = bar === undefined ? found : stepsFound(kind, ratio, fewer, FOLLOWED);
    const late = followed.map(({ after }) => after ?? Number.POSITIVE_INFINITY);
    const off = followed.flatMap((each) => each.off ?? []);
    const shares = [3, 4, FOUND_WITHIN, 10, FOLLOWED].map((runs) => within(runs === FOUND_WITHIN ? found : followed, runs));
    stepLines.push([
      `${kind}, × ${ratio}`,
      ...shares,
      median(late),
      percent(off.filter((each) => each === 0).length, off.length),
      percent(off.filter((each) => each <= 2).length, off.length),
    ]);
  }
}

const compared = [5, 10, 30].flatMap((size) =>
  [1, 1.05, 1.1].flatMap((ratio) => judged.filter((kind) => kind !== 'AR(1) 0.7').map((kind) => comparisons(kind, size, ratio))),
);

for (const length of [100, 1_000, 100_000]) {
  const rounds = lookUs(length);
  rows.push({ what: `one look at a history of ${length}`, value: median(rounds), unit: 'µs', rounds });
}

const tables: Table[] = [
  {
    title: 'Histories with a false alarm, %: for the worse, either direction',
    columns: ['noise', '30 runs', '', '100 runs', '', '300 runs', ''],
    lines: alarmLines,
  },
  {
    title: 'Steps found, % by the nth run of the new level; runs it took; place exact and within 2 runs, % of those found',
    columns: ['noise, step', '3', '4', '5', '10', '30', 'median', 'exact', '± 2'],
    lines: stepLines,
  },
  {
    title: 'Comparisons, %: the 95 % interval has the true ratio; verdicts',
    columns: ['samples', 'covered', 'better', 'worse', 'same', 'unsure'],
    lines: compared,
  },
];
print(
  {
    benchmark: 'Histories: change points and comparisons',
    method: `${histories} histories without a change of each kind with a bar (${fewest} of 300 runs; ${fewer} of other kinds), looked at after every run; ${steps} steps after 50 to 60 runs where there is a bar, else ${fewer}; ${experiments} comparisons of each kind; seed ${seed}; noise of about 3 % of the level`,
    tables,
    rows,
  },
  values.json,
);
