/** Timers, against a list that is sorted anew each time. */
import test from 'ava';
import fc from 'fast-check';
import { EventQueue } from '../../../../controller/scheduler/simulator/event-queue.ts';

const TIMERS = 90;

test('timers are due in the order of their times, and of being set when those are equal', (t) => {
  const orders = fc.record({
    timer: fc.nat(TIMERS - 1),
    delay: fc.oneof(fc.nat(20), fc.constant(Number.POSITIVE_INFINITY)),
    again: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(orders, { maxLength: 400 }), (list) => {
      const queue = new EventQueue();
      const model = new Map<number, { dueMs: number; order: number }>();
      let order = 0;
      const fired: number[] = [];
      const expected: number[] = [];
      const again = new Map<number, number>();
      const set = (timer: number, dueMs: number): void => {
        queue.at(timer, dueMs);
        model.delete(timer);
        if (dueMs !== Number.POSITIVE_INFINITY) model.set(timer, { dueMs: Math.max(dueMs, queue.nowMs), order });
        order += 1;
      };
      for (let timer = 0; timer < TIMERS; timer += 1) {
        queue.timer({
          due: () => {
            fired.push(timer);
            // Some are set again while they are due.
            const more = again.get(timer) ?? 0;
            again.delete(timer);
            if (more > 0) set(timer, queue.nowMs + more);
          },
        });
      }
      const step = (): boolean => {
        const [next] = [...model].sort(([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order);
        if (next !== undefined) {
          expected.push(next[0]);
          model.delete(next[0]);
        }
        const stepped = queue.step();
        t.is(stepped, next !== undefined);
        if (next !== undefined) t.is(queue.nowMs, next[1].dueMs);
        return stepped;
      };
      for (const [index, { timer, delay, again: more }] of list.entries()) {
        set(timer, queue.nowMs + delay);
        again.set(timer, more);
        if (index % 3 === 0) step();
      }
      while (step()) {
        // Until none is left.
      }
      t.deepEqual(fired, expected);
      t.is(queue.events, fired.length);
    }),
  );
});

test('nothing is due after the end', (t) => {
  const queue = new EventQueue();
  queue.at(queue.timer({ due: () => t.fail('too late') }), 10.1);
  t.false(queue.step(10));
  t.is(queue.nowMs, 0);
});
