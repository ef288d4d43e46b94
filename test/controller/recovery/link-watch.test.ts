import test from 'ava';
import fc from 'fast-check';
import { LARGE_BYTES_MIN, LinkWatch } from '../../../controller/recovery/link-watch.ts';

const MB = 1_000_000;
const minutes = (count: number): number => count * 60_000;

/** So many frames of a megabyte, sent as half of it, that take so long each. */
function sent(watch: LinkWatch, from: string, to: string, ms: number, frames = 40, nowMs = 0): void {
  for (let frame = 0; frame < frames; frame += 1) watch.travelled(from, to, { rawBytes: MB, wireBytes: MB / 2, occupiedMs: ms }, nowMs);
}

test('a link is as fast as its last frames together, as they are and as they were sent', (t) => {
  const watch = new LinkWatch();
  sent(watch, 'a', 'b', 10);
  t.deepEqual(watch.speed('a', 'b', 0), { raw: MB / 10, wire: MB / 20 });
  t.is(watch.speed('b', 'a', 0), undefined, 'the other way is another link');
  sent(watch, 'a', 'b', 1_000);
  t.deepEqual(watch.speed('a', 'b', 0), { raw: MB / 1_000, wire: MB / 2_000 });
  // Queued frames come in bursts: what counts is what all of them took.
  const bursts = new LinkWatch();
  for (let frame = 0; frame < 32; frame += 1)
    bursts.travelled('a', 'b', { rawBytes: MB, wireBytes: MB, occupiedMs: frame % 4 === 0 ? 37 : 1 }, 0);
  t.is(bursts.speed('a', 'b', 0)?.raw, MB / 10);
});

const silent: readonly (readonly [title: string, tell: (watch: LinkWatch) => void])[] = [
  ['three frames say nothing', (watch) => sent(watch, 'a', 'b', 10, 3)],
  [
    'small frames say nothing',
    (watch) => {
      for (let frame = 0; frame < 99; frame += 1)
        watch.travelled('a', 'b', { rawBytes: LARGE_BYTES_MIN - 1, wireBytes: 100, occupiedMs: 50 }, 0);
    },
  ],
];
for (const [title, tell] of silent) {
  test(title, (t) => {
    const watch = new LinkWatch();
    tell(watch);
    t.is(watch.speed('a', 'b', 0), undefined);
    t.is(watch.estimate('a', 'b', 0), undefined);
  });
}

test('a link that collapsed says nothing of others, but all links of a device together do', (t) => {
  const watch = new LinkWatch();
  for (const [from, to] of [
    ['source', 'a'],
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'sink'],
  ] as const)
    sent(watch, from, to, 10);
  sent(watch, 'a', 'b', 2_000);
  const usual = MB / 20;
  t.is(watch.estimate('a', 'b', 0), MB / 4_000);
  t.is(watch.estimate('a', 'd', 0), MB / 4_000, 'the sender is to blame, though it receives fast');
  t.is(watch.estimate('d', 'b', 0), usual);
  t.is(watch.estimate('c', 'd', 0), usual);
  sent(watch, 'b', 'c', 2_000);
  t.is(watch.estimate('d', 'b', 0), MB / 4_000, 'whatever goes to b or comes from it is slow');
  t.is(watch.estimate('c', 'd', 0), usual);
});

test('a receiver to which several send slowly is to blame, and they are not', (t) => {
  const watch = new LinkWatch();
  for (const [from, to] of [
    ['source', 'a'],
    ['a', 'b'],
    ['source', 'd'],
    ['b', 'c'],
    ['c', 'sink'],
  ] as const)
    sent(watch, from, to, 10);
  const [usual, slow] = [MB / 20, MB / 4_000];
  sent(watch, 'a', 'b', 2_000);
  // What was at a goes to d, as if a had been to blame.
  sent(watch, 'd', 'b', 2_000);
  t.is(watch.estimate('c', 'b', 0), slow);
  t.is(watch.estimate('d', 'c', 0), usual);
  t.is(watch.estimate('a', 'c', 0), usual);
});

test('a link that is not used any more is known for five minutes, and may be good again after that', (t) => {
  const watch = new LinkWatch();
  sent(watch, 'source', 'a', 10, 40, minutes(6));
  sent(watch, 'a', 'b', 10);
  sent(watch, 'a', 'b', 2_000);
  t.is(watch.estimate('a', 'b', minutes(5)), MB / 4_000);
  t.is(watch.estimate('a', 'b', minutes(5) + 1), MB / 20);
  sent(watch, 'a', 'b', 20, 4, minutes(9));
  t.is(watch.speed('a', 'b', minutes(9))?.raw, MB / 20, 'what it was before is over');
});

test('an estimate is a speed that was seen, and never more than the best', (t) => {
  const names = fc.constantFrom('source', 'a', 'b', 'c', 'sink');
  const frames = fc.array(fc.record({ from: names, to: names, ms: fc.double({ min: 0.01, max: 1e4, noNaN: true }) }), { minLength: 8 });
  fc.assert(
    fc.property(frames, names, names, (sendings, from, to) => {
      const watch = new LinkWatch();
      for (const sending of sendings) sent(watch, sending.from, sending.to, sending.ms, 4);
      const best = Math.max(...sendings.map(({ ms }) => MB / 2 / ms));
      const estimate = watch.estimate(from, to, 0)!;
      t.true(estimate > 0 && estimate <= best * (1 + 1e-9));
    }),
  );
});
