import test from 'ava';
import fc from 'fast-check';
import { Ledger } from '../../../controller/run/ledger.ts';

test('ids are 0, 1, 2, … and a full ledger takes no more', (t) => {
  const ledger = new Ledger<string>(2);
  t.is(ledger.admit('a'), 0n);
  t.is(ledger.admit('b'), 1n);
  t.true(ledger.full);
  t.throws(() => ledger.admit('c'), { instanceOf: RangeError });
});

test('an acknowledgement is cumulative, and repeating it changes nothing', (t) => {
  const ledger = new Ledger<string>(4);
  for (const frame of ['a', 'b', 'c']) ledger.admit(frame);
  t.deepEqual(ledger.acknowledge(2n), [
    { id: 0n, frame: 'a' },
    { id: 1n, frame: 'b' },
  ]);
  t.deepEqual(ledger.acknowledge(2n), []);
  t.deepEqual(ledger.acknowledge(1n), []);
  t.deepEqual(
    [1n, 2n, 3n].map((id) => ledger.get(id)),
    [undefined, 'c', undefined],
  );
});

test('an acknowledgement of frames that were never sent counts for those that were', (t) => {
  const ledger = new Ledger<string>(4);
  ledger.admit('a');
  t.is(ledger.acknowledge(9n).length, 1);
  t.is(ledger.admit('b'), 1n);
  t.is(ledger.size, 1);
});

test('a smaller window takes effect as frames are acknowledged', (t) => {
  const ledger = new Ledger<number>(3);
  for (let i = 0; i < 3; i += 1) ledger.admit(i);
  ledger.window = 1;
  ledger.acknowledge(2n);
  t.true(ledger.full);
  ledger.acknowledge(3n);
  t.false(ledger.full);
  t.throws(() => new Ledger(0), { instanceOf: RangeError });
});

test('whatever is sent and acknowledged, no frame leaves twice, none is forgotten, and the window holds', (t) => {
  const steps = fc.array(fc.oneof(fc.constant('admit' as const), fc.bigInt({ min: 0n, max: 40n })), { maxLength: 80 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (sequence, window) => {
      const ledger = new Ledger<bigint>(window);
      const left: bigint[] = [];
      for (const step of sequence) {
        if (step !== 'admit') left.push(...ledger.acknowledge(step).map(({ id }) => id));
        else if (!ledger.full) ledger.admit(ledger.next);
        if (ledger.size > window) return false;
      }
      const all = [...left, ...held(ledger)];
      return all.length === Number(ledger.next) && all.every((id, index) => id === BigInt(index));
    }),
  );
  t.pass();
});

function held(ledger: Ledger<bigint>): bigint[] {
  const ids: bigint[] = [];
  for (let id = 0n; id < ledger.next; id += 1n) if (ledger.get(id) !== undefined) ids.push(id);
  return ids;
}

test('a ledger that begins at a frame has nothing before it', (t) => {
  const ledger = new Ledger<string>(2, 7n);
  t.deepEqual(ledger.acknowledge(7n), []);
  t.is(ledger.admit('a'), 7n);
  t.deepEqual(ledger.acknowledge(8n), [{ id: 7n, frame: 'a' }]);
});
