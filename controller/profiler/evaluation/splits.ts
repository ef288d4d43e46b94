/**
 * What is learnt from and what is predicted, as indices. Everything is split before anything else happens to it.
 *
 *     rows      ▓░▓▓▓▓▓▓▓▓  every tenth by chance: the same subject is on both sides. As it is published, and it leaks
 *     model     ▓▓▓│░░│▓▓▓  all of a model together          family  all of a family together: resnet18 and resnet50
 *     device    ▓▓▓│░░│▓▓▓  all of a device; of the families of its test, half are predicted, from `pool` come first timings, and the other way round
 *     forward   ▓▓▓▓▓▓│░░   what is measured later
 *
 * Only what is judged is predicted. What merely helps (kernels that were made up, probes) is always learnt from, unless it is of the device that is
 * left out, or later.
 */
import { Random } from '../../../mesh/random.ts';
import { shuffled } from '../../../mesh/shuffled.ts';

export const splitNames = ['rows', 'model', 'family', 'device', 'forward'] as const;
export type SplitName = (typeof splitNames)[number];

export interface Fold {
  /** What is left out. */
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
  /** Of the device that is left out, never of what is tested: timings come from here. Empty: there are none. */
  readonly pool: readonly number[];
}

export interface Split {
  readonly name: SplitName;
  /** The same subject under the same circumstances is on both sides. */
  readonly leaks: boolean;
  /** None: there is nothing to leave out. */
  readonly folds: readonly Fold[];
}

/** What splits need to know of an item. */
export interface SplitKeys<T> {
  readonly judged: (item: T) => boolean;
  readonly model: (item: T) => string;
  readonly family: (item: T) => string;
  readonly device: (item: T) => string;
  readonly atMs: (item: T) => number;
}

/** Of rows, and of groups at most. */
const FOLDS = 10;

/** Predicted parts of time, after a first part that is only learnt from. */
const FORWARD_FOLDS = 4;

export function splitBy<T>(name: SplitName, items: readonly T[], keys: SplitKeys<T>, seed: number): Split {
  const judged = items.flatMap((item, index) => (keys.judged(item) ? [index] : []));
  const random = new Random(seed);
  const folds: Readonly<Record<SplitName, () => Fold[]>> = {
    rows: () => dealt(judged, random).map((test, index) => foldOf(`part ${index + 1}`, items, test)),
    model: () => grouped(items, judged, keys.model, random),
    family: () => grouped(items, judged, keys.family, random),
    device: () => devices(items, judged, keys, random),
    forward: () => forward(items, judged, keys.atMs),
  };
  // One fold with everything in it would have nothing to learn from.
  return { name, leaks: name === 'rows', folds: folds[name]().filter(({ train, test }) => train.length > 0 && test.length > 0) };
}

function foldOf(name: string, items: readonly unknown[], test: readonly number[]): Fold {
  const held = new Set(test);
  return { name, test, pool: [], train: items.flatMap((_, index) => (held.has(index) ? [] : [index])) };
}

/** A group by itself, or several together when there are many. */
function grouped<T>(items: readonly T[], judged: readonly number[], keyOf: (item: T) => string, random: Random): Fold[] {
  const groups = Map.groupBy(judged, (index) => keyOf(items[index]!));
  return dealt([...groups.keys()], random).map((names) =>
    foldOf(
      names.toSorted().join(', '),
      items,
      names.flatMap((name) => groups.get(name)!),
    ),
  );
}

function devices<T>(items: readonly T[], judged: readonly number[], { device, family, model }: SplitKeys<T>, random: Random): Fold[] {
  return [...new Set(judged.map((index) => device(items[index]!)))].toSorted().flatMap((name) => {
    const train = items.flatMap((item, index) => (device(item) === name ? [] : [index]));
    const own = judged.filter((index) => device(items[index]!) === name);
    const families = new Set(own.map((index) => family(items[index]!)));
    const keyOf = families.size > 1 ? family : model;
    const keys = shuffled([...new Set(own.map((index) => keyOf(items[index]!)))], random);
    const first = new Set(keys.slice(0, Math.ceil(keys.length / 2)));
    const [one, other] = [true, false].map((part) => own.filter((index) => first.has(keyOf(items[index]!)) === part));
    return [
      { name: `${name}, one half`, train, test: one!, pool: other! },
      { name: `${name}, other half`, train, test: other!, pool: one! },
    ];
  });
}

/** Each part of time is predicted from all before it. What was measured at the same moment stays together. */
function forward<T>(items: readonly T[], judged: readonly number[], atMs: (item: T) => number): Fold[] {
  const times = judged.map((index) => atMs(items[index]!)).sort((a, b) => a - b);
  const borders = Array.from({ length: FORWARD_FOLDS }, (_, part) => times[Math.floor((times.length * (part + 1)) / (FORWARD_FOLDS + 1))]);
  return [...new Set(borders)].flatMap((from, part, all) => {
    if (from === undefined) return [];
    const to = all[part + 1] ?? Number.POSITIVE_INFINITY;
    return [
      {
        name: `part ${part + 2} of time`,
        train: items.flatMap((item, index) => (atMs(item) < from ? [index] : [])),
        test: judged.filter((index) => atMs(items[index]!) >= from && atMs(items[index]!) < to),
        pool: [],
      },
    ];
  });
}

/** Into at most FOLDS parts, by chance, of sizes that differ by at most one. */
function dealt<T>(values: readonly T[], random: Random): T[][] {
  const order = shuffled(values, random);
  const parts = Math.min(FOLDS, order.length);
  return Array.from({ length: parts }, (_, part) => order.filter((_value, index) => index % parts === part));
}
