import test from 'ava';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';
import { type PartCost, speedsOf } from '../../../partition/parallel/split-parallel.ts';

test('tiles and pieces are asked for by layers and number, or by layers and shares', (t) => {
  t.deepEqual(parseParallel('tiles:1-10x3'), { kind: 'tiles', first: 1, last: 10, shares: [[1, 1, 1]] });
  t.deepEqual(parseParallel('tiles:4-4x2:1'), { kind: 'tiles', first: 4, last: 4, shares: [[2, 1]] });
  t.deepEqual(parseParallel('tiles:1-10x2x3:1'), {
    kind: 'tiles',
    first: 1,
    last: 10,
    shares: [
      [1, 1],
      [3, 1],
    ],
  });
  t.deepEqual(parseParallel('halo:1-3x1x2'), { kind: 'halo', first: 1, last: 3, shares: [[1], [1, 1]] });
  t.deepEqual(parseParallel('pieces:layer3x3'), { kind: 'pieces', first: 3, last: 3, shares: [[1, 1, 1]] });
  t.deepEqual(parseParallel('pieces:layer12x1:2'), { kind: 'pieces', first: 12, last: 12, shares: [[1, 2]] });
  t.deepEqual(parseParallel('inputs:layer12x2'), { kind: 'inputs', first: 12, last: 12, shares: [[1, 1]] });
  t.deepEqual(parseParallel('heads:2-5x1:2'), { kind: 'heads', first: 2, last: 5, shares: [[1, 2]] });
  t.deepEqual(parseParallel('tiles:1-10x3:auto'), { kind: 'tiles', first: 1, last: 10, shares: [[1, 1, 1]], bySpeed: true });
  t.deepEqual(parseParallel('heads:2-5x2:auto'), { kind: 'heads', first: 2, last: 5, shares: [[1, 1]], bySpeed: true });
  t.deepEqual(parseParallel('mobihoc2022'), { kind: 'mobihoc2022' });
  t.is(parseParallel('layer12'), undefined);
  t.is(parseParallel('conv.tiles'), undefined);
  t.is(parseParallel('constructor:1'), undefined);
  t.is(parseParallel('tiles'), undefined);
});

const wrong = [
  ...['tiles:', 'tiles:1-3', 'tiles:1x3', 'tiles:1-3x0', 'tiles:1-3x2:0', 'tiles:1-3x999', 'tiles:-1-3x2', 'tiles:1-3x2:', 'tiles:a-bxc'],
  ...['pieces:', 'pieces:3x3', 'pieces:layer3', 'pieces:layer1-3x3', 'pieces:layer3x0', 'pieces:layer3x2x2'],
  ...['tiles:1-3x100x100', 'halo:3', 'inputs:3', 'inputs:layer1-2x3', 'heads:1-x2', 'heads:layer3-4x2'],
  ...['tiles:1-3x2x2:auto', 'tiles:1-3x2:1:auto', 'pieces:layer3xauto', 'pieces:layer3x2:automatic'],
];
for (const text of wrong) {
  test(`"${text}" is not how they are asked for`, (t) => {
    t.throws(() => parseParallel(text), { message: /is not how (tiles|halo|pieces|inputs|heads) are asked for/ });
  });
}

const part = (stage: string, seat: number, macs: number): PartCost => ({ stage, seat, macs });

test('a device is as fast as the work of its parts over their time', (t) => {
  const parts = [part('a1', 0, 100), part('b1', 1, 300), part('a2', 0, 100), part('b2', 1, 300)];
  const times = new Map(Object.entries({ a1: 4, a2: 6, b1: 10, b2: 10 }));
  t.deepEqual(
    speedsOf(parts, (stage) => times.get(stage)),
    [20, 30],
  );
});

for (const [what, macs, ms] of [
  ['without work', 0, 5],
  ['of unknown work', Number.NaN, 5],
  ['that were not measured', 100, undefined],
  ['measured as nothing', 100, 0],
] as const) {
  test(`parts ${what} say nothing about speed`, (t) => {
    t.throws(() => speedsOf([part('a', 0, macs)], () => ms), { message: /speed of a device can't be told from a/ });
  });
}
