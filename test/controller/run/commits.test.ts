import test from 'ava';
import fc from 'fast-check';
import { Commits } from '../../../controller/run/commits.ts';
import { Delivery } from '../../../controller/run/delivery.ts';

test('frames leave in order, each once; the first commit wins', (t) => {
  const commits = new Commits<string>();
  t.deepEqual(commits.commit(1n, 'b'), []);
  t.is(commits.held, 1);
  t.deepEqual(commits.commit(0n, 'a'), [
    { id: 0n, frame: 'a' },
    { id: 1n, frame: 'b' },
  ]);
  t.is(commits.commit(0n, 'again'), undefined);
  t.is(commits.dropped, 1);
  t.is(commits.next, 2n);
});

test('a frame that waits is not replaced by a second commit of its id', (t) => {
  const commits = new Commits<string>();
  commits.commit(1n, 'first');
  t.is(commits.commit(1n, 'second'), undefined);
  t.deepEqual(
    commits.commit(0n, 'zero')?.map(({ frame }) => frame),
    ['zero', 'first'],
  );
});

test('any order with any repetition comes out as each id exactly once, in order', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(39), { maxLength: 60 }), fc.nat(), (count, repeats, salt) => {
      const ids = [...Array(count).keys()].sort((a, b) => ((a * 7919 + salt) % 101) - ((b * 7919 + salt) % 101) || a - b);
      const arrivals = [...repeats.filter((id) => id < count), ...ids].map(BigInt);
      const commits = new Commits<bigint>();
      const delivery = new Delivery();
      for (const id of arrivals) for (const left of commits.commit(id, id) ?? []) delivery.out(left.id);
      const counted = delivery.count(count);
      return counted.received === count && counted.lost === 0 && counted.duplicated === 0 && counted.outOfOrder === 0;
    }),
  );
  t.pass();
});

test('the count at the output sees what the machinery before it must prevent', (t) => {
  const delivery = new Delivery();
  for (const id of [0n, 2n, 1n, 1n]) delivery.out(id);
  t.deepEqual(delivery.count(5), { sent: 5, received: 3, lost: 2, duplicated: 1, outOfOrder: 1 });
});
