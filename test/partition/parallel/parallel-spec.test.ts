import test from 'ava';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';

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
];
for (const text of wrong) {
  test(`"${text}" is not how they are asked for`, (t) => {
    t.throws(() => parseParallel(text), { message: /is not how (tiles|halo|pieces|inputs|heads) are asked for/ });
  });
}
