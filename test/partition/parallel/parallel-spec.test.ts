import test from 'ava';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';

test('tiles and pieces are asked for by layers and number, or by layers and shares', (t) => {
  t.deepEqual(parseParallel('tiles:1-10x3'), { kind: 'tile', first: 1, last: 10, shares: [1, 1, 1] });
  t.deepEqual(parseParallel('tiles:4-4x2:1'), { kind: 'tile', first: 4, last: 4, shares: [2, 1] });
  t.deepEqual(parseParallel('pieces:layer3x3'), { kind: 'piece', first: 3, last: 3, shares: [1, 1, 1] });
  t.deepEqual(parseParallel('pieces:layer12x1:2'), { kind: 'piece', first: 12, last: 12, shares: [1, 2] });
  t.is(parseParallel('layer12'), undefined);
  t.is(parseParallel('conv.tiles'), undefined);
});

const wrong = [
  ...['tiles:', 'tiles:1-3', 'tiles:1x3', 'tiles:1-3x0', 'tiles:1-3x2:0', 'tiles:1-3x999', 'tiles:-1-3x2', 'tiles:1-3x2:', 'tiles:a-bxc'],
  ...['pieces:', 'pieces:3x3', 'pieces:layer3', 'pieces:layer1-3x3', 'pieces:layer3x0'],
];
for (const text of wrong) {
  test(`"${text}" is not how they are asked for`, (t) => {
    t.throws(() => parseParallel(text), { message: /is not how (tiles|pieces) are asked for/ });
  });
}
