import test from 'ava';
import fc from 'fast-check';
import { type SplitKeys, type SplitName, splitBy, splitNames } from '../../../../controller/profiler/evaluation/splits.ts';

interface Item {
  readonly judged: boolean;
  readonly model: string;
  readonly device: string;
  readonly atMs: number;
}

/** Three models are a family. */
const familyOf = (model: string): string => `f${Math.floor(Number(model.slice(1)) / 3)}`;
const keys: SplitKeys<Item> = {
  judged: ({ judged }) => judged,
  model: ({ model }) => model,
  family: ({ model }) => familyOf(model),
  device: ({ device }) => device,
  atMs: ({ atMs }) => atMs,
};
const item = fc.record({
  judged: fc.boolean(),
  model: fc.nat(40).map((model) => `m${model}`),
  device: fc.constantFrom('pi', 'nuc', 'jetson'),
  atMs: fc.nat(30),
});
const items = fc.array(item, { maxLength: 80 });

test('nothing is tested that was learnt from, whatever the items', (t) => {
  fc.assert(
    fc.property(items, fc.nat(), (all, seed) => {
      for (const name of splitNames) {
        const { folds } = splitBy(name, all, keys, seed);
        for (const { train, test: tested, pool } of folds) {
          const used = [...train, ...tested, ...pool];
          t.is(new Set(used).size, used.length);
          t.true(train.length > 0 && tested.length > 0);
          t.true([...tested, ...pool].every((index) => all[index]!.judged));
        }
        const each = folds.flatMap(({ test: tested }) => tested);
        t.is(new Set(each).size, each.length, `${name}: something is tested twice`);
        t.deepEqual(splitBy(name, all, keys, seed).folds, folds);
      }
    }),
    { numRuns: 150 },
  );
});

test('what is left out together is on one side', (t) => {
  const sides: Readonly<Partial<Record<SplitName, (item: Item) => string>>> = {
    model: keys.model,
    family: keys.family,
    device: keys.device,
  };
  fc.assert(
    fc.property(items, fc.nat(), (all, seed) => {
      for (const [name, keyOf] of Object.entries(sides)) {
        for (const { train, test: tested, pool } of splitBy(name as SplitName, all, keys, seed).folds) {
          const learnt = new Set(train.flatMap((index) => (name === 'device' || all[index]!.judged ? [keyOf(all[index]!)] : [])));
          t.true([...tested, ...pool].every((index) => !learnt.has(keyOf(all[index]!))));
        }
      }
      for (const { test: tested, pool } of splitBy('device', all, keys, seed).folds) {
        const known = new Set(pool.map((index) => all[index]!.model));
        t.true(tested.every((index) => !known.has(all[index]!.model)));
      }
      for (const { train, test: tested } of splitBy('forward', all, keys, seed).folds) {
        t.true(Math.max(...train.map((index) => all[index]!.atMs)) < Math.min(...tested.map((index) => all[index]!.atMs)));
      }
    }),
    { numRuns: 150 },
  );
});

const many: readonly Item[] = Array.from({ length: 240 }, (_, index) => ({
  ...{ judged: index % 4 !== 3, model: `m${index % 24}`, atMs: index },
  device: ['pi', 'nuc', 'jetson'][index % 3]!,
}));

test('folds are of like size, and everything that is judged is tested once', (t) => {
  const sizes = (name: SplitName): number[] => splitBy(name, many, keys, 1).folds.map(({ test: tested }) => tested.length);
  t.deepEqual(sizes('rows'), Array(10).fill(18));
  t.is(sizes('model').length, 10);
  t.is(sizes('family').length, 8);
  t.is(sizes('device').length, 6);
  t.is(sizes('forward').length, 4);
  for (const name of ['rows', 'model', 'family', 'device'] as const) {
    t.is(
      sizes(name).reduce((sum, each) => sum + each, 0),
      180,
    );
  }
  t.true(splitBy('rows', many, keys, 1).leaks);
  t.notDeepEqual(splitBy('rows', many, keys, 1).folds, splitBy('rows', many, keys, 2).folds);
});

test('what only helps is always learnt from, but not of the device that is left out', (t) => {
  const helpers = many.flatMap(({ judged }, index) => (judged ? [] : [index]));
  for (const name of ['rows', 'model', 'family'] as const) {
    for (const { train } of splitBy(name, many, keys, 1).folds) t.true(helpers.every((index) => train.includes(index)));
  }
  for (const { name, train } of splitBy('device', many, keys, 1).folds) {
    const left = name.split(',')[0];
    t.true(train.every((index) => many[index]!.device !== left));
    t.true(helpers.every((index) => train.includes(index) === (many[index]!.device !== left)));
  }
});

test('of one group there is nothing to leave out', (t) => {
  const one = many.filter(({ device, model }) => device === 'pi' && model === 'm0');
  t.deepEqual(splitBy('device', one, keys, 1).folds, []);
  t.deepEqual(splitBy('family', one, keys, 1).folds, []);
});
