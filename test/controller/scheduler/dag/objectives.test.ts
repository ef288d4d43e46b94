/** What the objectives count, by hand. */
import test from 'ava';
import { algorithms, solve } from '../../../../controller/scheduler/dag/algorithms.ts';
import { lowerBounds } from '../../../../controller/scheduler/dag/bounds.ts';
import { figuresOf, utilityOf } from '../../../../controller/scheduler/dag/figures.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import type { ObjectiveName } from '../../../../controller/scheduler/dag/objective.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { scheduleOf } from '../../../../controller/scheduler/dag/schedule.ts';
import type { Solution } from '../../../../controller/scheduler/dag/solution.ts';
import { targetOf } from '../../../../controller/scheduler/dag/target.ts';
import { knownInstances } from './known-instances.ts';

/** One task after the other: 4 and 6 on the thrifty processor, 2 and 3 on the fast one, 8 units between them in 4. */
function problem(fields: object): Problem {
  const instance = {
    compute: [
      [4, 2],
      [6, 3],
    ],
    edges: [[0, 1, 8]],
    link: {
      bandwidth: [
        [null, 2],
        [2, null],
      ],
    },
    ...fields,
  };
  return problemOf(parseInstance(JSON.stringify(instance), 'chain'));
}

const power = { busy: [1, 10], idle: [0.5, 2] };
const radio = { send: [0.1, 0.2], receive: [0.3, 0.4] };
const by = (name: string, of: Problem, objective: ObjectiveName): Solution =>
  solve(algorithms.find((each) => each.name === name)!, of, { seed: 1, stop: undefined, objective });

test('energy is computing, idling and what is sent and received', (t) => {
  const split = scheduleOf(Int32Array.of(0, 1), Float64Array.of(0, 8), Float64Array.of(4, 11));
  const { energy } = figuresOf(problem({ power, radio }), split);
  // 4 busy and 7 idle; 3 busy and 8 idle; 8 units sent by one and received by the other.
  t.true(Math.abs(energy - (4 * 1 + 7 * 0.5 + 3 * 10 + 8 * 2 + 8 * (0.1 + 0.4))) < 1e-9, `${energy}`);
  t.is(figuresOf(problem({}), split).energy, 0);
  t.is(figuresOf(problem({ radio }), split).energy, 4);
});

test('utility is 1 until the deadline, and falls to 0 at five times it, from the release on', (t) => {
  const goal = { name: 'g', tasks: [0], release: 10, deadline: 14 };
  t.deepEqual(
    [12, 14, 18, 22, 29.999, 30, 100].map((done) => Number(utilityOf(goal, done).toFixed(3))),
    [1, 1, 0.75, 0.5, 0, 0, 0],
  );
});

test('without a deadline the thrifty processor does everything, with one as much as there is time for', (t) => {
  const idle = { busy: [1, 10], idle: [0, 0] };
  const free = by('auto', problem({ power: idle }), 'energy');
  t.deepEqual([[...free.schedule.processor], free.value, free.isOptimal], [[0, 0], 10, true]);
  // Alone on the fast one it takes 5 and 50 joules, begun on the thrifty one 4 + 4 + 3 and 34, ended there 2 + 4 + 6 and 26.
  const inTime = (deadline: number): Solution => by('auto', problem({ power: idle, deadline: [null, deadline] }), 'energy');
  t.deepEqual(
    [12, 11, 9, 5].map((deadline) => inTime(deadline).value),
    [10, 10, 50, 50],
  );
  const late = inTime(4);
  t.deepEqual([late.isMet, late.isOptimal, late.figures.lateness], [false, false, 1]);
});

test('when all goals are reached, less energy is better; when they are not, more utility', (t) => {
  const relaxed = by('auto', problem({ power, deadline: [null, 20] }), 'deadline');
  t.deepEqual([relaxed.value, [...relaxed.schedule.processor]], [0, [0, 0]]);
  const hurried = by('auto', problem({ power, deadline: [null, 4] }), 'deadline');
  t.deepEqual([hurried.value, [...hurried.schedule.processor], hurried.isOptimal], [1 - 15 / 16, [1, 1], true]);
});

test('an objective that the instance says nothing about is refused', (t) => {
  t.throws(() => targetOf(problem({}), 'energy'), { message: /energy needs power or radio, which chain does not have/ });
  t.throws(() => targetOf(problem({ power }), 'deadline'), { message: /deadline needs deadlines, which chain does not have/ });
});

test('the exact search proves a makespan with releases when nothing else is in the way', (t) => {
  const released = by('exact', problem({ release: [0, 0], contention: 'interface' }), 'makespan');
  t.deepEqual([released.value, released.lowerBound, released.isOptimal], [5, 5, true]);
  const waiting = by('exact', problem({ release: [7, 0] }), 'makespan');
  t.deepEqual([waiting.value, waiting.lowerBound, waiting.isOptimal], [12, 12, true]);
});

test('an exact search that was stopped proves nothing beyond the bounds', (t) => {
  const { problem: large } = knownInstances.find(({ id }) => id.startsWith('l01'))!;
  const hindered = problemOf({ ...large.instance, contention: 'interface' });
  const exact = algorithms.find(({ name }) => name === 'exact')!;
  const { lowerBound, isOptimal } = solve(exact, hindered, { seed: 1, stop: () => true });
  t.is(lowerBound, lowerBounds(hindered).combined);
  t.false(isOptimal);
});
