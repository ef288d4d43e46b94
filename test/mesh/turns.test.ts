import test from 'ava';
import fc from 'fast-check';
import {
  carrier,
  checkTurns,
  formatTurns,
  maskOf,
  PERIOD_MAX,
  periodOf,
  portionOf,
  sameTurns,
  sharedTurns,
  TURNS_OF_MAX,
  type Turns,
  turnsOfMask,
} from '../../mesh/turns.ts';

const masks = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }).filter((mask) => mask.includes(true));
const turns = masks.map((mask) => turnsOfMask(Uint8Array.from(mask, Number)));

test('a frame goes the ways whose pattern has it, however large its id', (t) => {
  fc.assert(
    fc.property(turns, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (way, id) => {
      t.is(carrier(way)(id), way === undefined || way.at.includes(Number(id % BigInt(way.of))));
    }),
  );
});

test('turns are written as short as they can be, and every frame needs none', (t) => {
  t.deepEqual(turnsOfMask(Uint8Array.of(1, 0, 1, 0)), { of: 2, at: [0] });
  t.deepEqual(turnsOfMask(Uint8Array.of(0, 1, 1)), { of: 3, at: [1, 2] });
  t.is(turnsOfMask(Uint8Array.of(1, 1, 1)), undefined);
});

test('what two ways share is what both carry', (t) => {
  fc.assert(
    fc.property(turns, turns, (a, b) => {
      const shared = sharedTurns(a, b);
      const inShared = shared === 'none' ? () => false : carrier(shared);
      for (let id = 0n; id < 150n; id += 1n) t.is(inShared(id), carrier(a)(id) && carrier(b)(id));
      if (shared !== 'none' && shared !== undefined) t.notThrows(() => checkTurns(shared, 'the test'));
    }),
  );
});

test('the common period is the smallest in which all patterns repeat', (t) => {
  t.is(periodOf([undefined, { of: 4, at: [1] }, { of: 6, at: [0] }]), 12);
  t.is(periodOf([]), 1);
  t.deepEqual([...maskOf({ of: 2, at: [1] }, 4)], [0, 1, 0, 1]);
  t.is(portionOf({ of: 3, at: [0, 2] }), 2 / 3);
});

test('turns are compared by what they are', (t) => {
  t.true(sameTurns({ of: 2, at: [0] }, { of: 2, at: [0] }));
  t.true(sameTurns(undefined, undefined));
  t.false(sameTurns({ of: 2, at: [0] }, { of: 2, at: [1] }));
  t.false(sameTurns({ of: 2, at: [0] }, undefined));
  t.is(formatTurns({ of: 3, at: [0, 2] }), 'of 3 at 0,2');
  t.is(formatTurns(undefined), 'every frame');
});

const wrong: readonly [string, Turns, RegExp][] = [
  ['no pattern', { of: 0, at: [0] }, /every 0 frames/],
  ['a pattern that is no whole number', { of: 1.5, at: [0] }, /every 1.5 frames/],
  ['a pattern that is too long', { of: TURNS_OF_MAX + 1, at: [0] }, /expected 1 to 1024/],
  ['no frame', { of: 2, at: [] }, /hold no frame/],
  ['a number outside', { of: 2, at: [2] }, /2 is not between 0 and 1/],
  ['a negative number', { of: 2, at: [-1] }, /-1 is not/],
  ['a number twice', { of: 3, at: [1, 1] }, /ascending/],
  ['numbers that fall', { of: 3, at: [2, 0] }, /0 comes after 2/],
];
for (const [what, turns, message] of wrong) {
  test(`turns with ${what} are refused, saying whose they are`, (t) => {
    const error = t.throws(() => checkTurns(turns, 'the route from a to b'), { message, code: 'invalid' });
    t.regex(error!.message, /the turns of the route from a to b make no sense/);
  });
}

test('patterns that do not repeat soon enough are refused with what would', (t) => {
  const of = (count: number): Turns => ({ of: count, at: [0] });
  t.throws(() => sharedTurns(of(101), of(103)), { code: 'invalid', message: /every 10403 frames, at most 1024/ });
  t.throws(() => periodOf([of(1021), of(1019)]), { code: 'invalid', message: new RegExp(`at most ${PERIOD_MAX}`) });
});
