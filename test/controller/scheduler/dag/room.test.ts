import test from 'ava';
import fc from 'fast-check';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { Room } from '../../../../controller/scheduler/dag/room.ts';
import { MeshError } from '../../../../mesh/error.ts';

function problem(memory: readonly number[], capacity: readonly number[]): Problem {
  const link = { bandwidth: capacity.map((_, p) => capacity.map((__, q) => (p === q ? null : 1))) };
  return problemOf(
    parseInstance(JSON.stringify({ compute: memory.map(() => capacity.map(() => 1)), edges: [], link, memory, capacity }), 'room'),
  );
}

function fits(memory: readonly number[], capacity: readonly number[]): boolean {
  const [need, ...rest] = memory;
  if (need === undefined) return true;
  return capacity.some(
    (room, p) =>
      room >= need &&
      fits(
        rest,
        capacity.map((each, q) => (p === q ? each - need : each)),
      ),
  );
}

test('tasks fit exactly when trying every place finds one for each; then no choice is a dead end', (t) => {
  let [possible, impossible] = [0, 0];
  const needs = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 7 });
  const rooms = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(needs, rooms, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (memory, capacity, choices) => {
      const of = problem(memory, capacity);
      if (!fits(memory, capacity)) {
        impossible += 1;
        t.throws(() => new Room(of, of.memory!), { instanceOf: MeshError, code: 'exhausted' });
        return;
      }
      possible += 1;
      const room = new Room(of, of.memory!);
      const used = capacity.map(() => 0);
      for (const [task, need] of memory.entries()) {
        const able = [...capacity.keys()].filter((p) => room.canPlace(task, p));
        if (able.length === 0) throw new Error(`no place for task ${task}`);
        const p = able[choices[task]! % able.length]!;
        room.place(task, p);
        used[p]! += need;
        if (used[p]! > capacity[p]!) throw new Error(`${used[p]} on ${capacity[p]}`);
      }
    }),
    { numRuns: 500 },
  );
  t.true(possible > 50 && impossible > 50, `${possible} and ${impossible}`);
});

test('a place that would leave none for what comes later is none', (t) => {
  const of = problem([4, 6, 6], [10, 6]);
  const room = new Room(of, of.memory!);
  t.false(room.canPlace(0, 1), 'both large ones need a processor each');
  t.true(room.canPlace(0, 0));
  t.throws(() => room.place(0, 1), { message: /processor 1 has no room for task 0 beside what must be there/ });
});

test('what best fit does not pack, a search does', (t) => {
  // Best fit decreasing puts 5 and 4 together and has no place for the last 3.
  const memory = [5, 4, 4, 3, 3, 3];
  t.true(fits(memory, [11, 11]));
  const of = problem(memory, [11, 11]);
  t.notThrows(() => new Room(of, of.memory!));
});

test('why tasks do not fit is said', (t) => {
  const too = problem([2, 12, 3], [10, 10]);
  t.throws(() => new Room(too, too.memory!), { message: /no processor has room for task 1: it needs 12, the most there is is 10/ });
  const many = problem([6, 6, 6], [10, 10]);
  t.throws(() => new Room(many, many.memory!), {
    message: /no way was found to fit the tasks into the processors' memory: they need 18, there is 20/,
  });
});
