import test from 'ava';
import fc from 'fast-check';
import { turnsOfShares } from '../../partition/share-turns.ts';

const several = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 7 });

test('each way has exactly its share in every period, and each frame exactly one way', (t) => {
  fc.assert(
    fc.property(several, (shares) => {
      const turns = turnsOfShares(shares);
      const total = shares.reduce((a, b) => a + b);
      const { of } = turns[0]!;
      for (const [index, share] of shares.entries()) t.is(turns[index]!.at.length * total, share * of);
      const all = turns.flatMap((each) => each!.at).sort((a, b) => a - b);
      t.deepEqual(
        all,
        Array.from({ length: of }, (_, frame) => frame),
      );
    }),
  );
});

test('after any number of frames no way has had more or less than its share by the least that can be promised', (t) => {
  fc.assert(
    fc.property(several, (shares) => {
      const total = shares.reduce((a, b) => a + b);
      const bound = 1 - 1 / (2 * shares.length - 2);
      for (const [index, turns] of turnsOfShares(shares).entries()) {
        let had = 0;
        for (let frame = 0; frame < turns!.of; frame += 1) {
          if (turns!.at.includes(frame)) had += 1;
          t.true(Math.abs(((frame + 1) * shares[index]!) / total - had) <= bound + 1e-9, `${shares} way ${index} frame ${frame}`);
        }
      }
    }),
  );
});

const patterns: readonly [readonly number[], string][] = [
  [[1, 1], 'AB'],
  [[3, 3, 3], 'ABC'],
  [[2, 1], 'ABA'],
  [[4, 2], 'ABA'],
  [[1, 3], 'BABB'],
];
for (const [shares, pattern] of patterns) {
  test(`shares ${shares.join(':')} take turns as ${pattern}`, (t) => {
    const turns = turnsOfShares(shares);
    const found = Array.from({ length: turns[0]!.of }, (_, frame) => 'ABC'[turns.findIndex((each) => each!.at.includes(frame))]);
    t.is(found.join(''), pattern);
  });
}

test('one share alone has every frame', (t) => t.deepEqual(turnsOfShares([7]), [undefined]));

for (const shares of [[], [0], [1, -1], [1.5, 1], [Number.NaN, 1]]) {
  test(`shares [${shares}] are refused`, (t) => {
    t.throws(() => turnsOfShares(shares), { code: 'invalid', message: /shares are whole numbers from 1 on/ });
  });
}

test('shares that repeat too late are refused with a hint', (t) => {
  const error = t.throws(() => turnsOfShares([1000, 301]), {
    code: 'invalid',
    message: /1000:301 repeat only every 1301 frames, at most 1024/,
  });
  t.regex((error as Error & { hint: string }).hint, /rounder shares/);
});
