import test from 'ava';
import fc from 'fast-check';
import { algorithms, solve } from '../../../../controller/scheduler/dag/algorithms.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { problemOf } from '../../../../controller/scheduler/dag/problem.ts';

const link = {
  bandwidth: [
    [null, 1],
    [1, null],
  ],
  latency: null,
};
const file = {
  compute: [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ],
  edges: [
    [0, 1, 10],
    [2, 3, 20],
  ],
  link,
  release: [0, 2, 0, 0],
  deadline: [null, 9, null, 40],
  memory: [1, 2, 3, 4],
  capacity: [null, 5],
  jobs: [{ name: 'camera', tasks: '0-1', rate: 0.1, count: 3, release: 5, deadline: 8 }],
};

test('each arrival of a job has tasks, transfers, releases and deadlines of its own', (t) => {
  const expanded = parseInstance(JSON.stringify(file), 'jobs');
  t.deepEqual(expanded.copyOf, [0, 1, 2, 3, 0, 1, 0, 1]);
  t.deepEqual(
    expanded.compute,
    expanded.copyOf!.map((task) => file.compute[task]!),
  );
  t.deepEqual(expanded.edges, [
    [0, 1, 10],
    [2, 3, 20],
    [4, 5, 10],
    [6, 7, 10],
  ]);
  // The camera's pictures come at 5, 15 and 25; its second task waits two more.
  t.deepEqual(expanded.release, [5, 7, 0, 0, 15, 17, 25, 27]);
  t.deepEqual(expanded.memory, [1, 2, 3, 4, 1, 2, 1, 2]);
  t.deepEqual(expanded.goals, [
    { name: 'task 3', tasks: [3], release: 0, deadline: 40 },
    { name: 'camera #1: 1', tasks: [1], release: 7, deadline: 14 },
    { name: 'camera #1', tasks: [1], release: 5, deadline: 13 },
    { name: 'camera #2: 1', tasks: [5], release: 17, deadline: 24 },
    { name: 'camera #2', tasks: [5], release: 15, deadline: 23 },
    { name: 'camera #3: 1', tasks: [7], release: 27, deadline: 34 },
    { name: 'camera #3', tasks: [7], release: 25, deadline: 33 },
  ]);
  t.deepEqual(expanded.taskNames, [
    'camera #1: 0',
    'camera #1: 1',
    '2',
    '3',
    'camera #2: 0',
    'camera #2: 1',
    'camera #3: 0',
    'camera #3: 1',
  ]);
});

test('a job is done when the last of its tasks is', (t) => {
  const fork = {
    compute: [[1], [1], [1]],
    edges: [
      [0, 1, 0],
      [0, 2, 0],
    ],
    link: { bandwidth: [[null]] },
  };
  const { goals } = parseInstance(JSON.stringify({ ...fork, jobs: [{ tasks: [2, 1, 0], deadline: 4 }] }), 'fork');
  t.deepEqual(goals, [{ name: 'job 0', tasks: [2, 1], release: 0, deadline: 4 }]);
});

test('jobs that arrive once, at once, and whenever, are the instance without them', (t) => {
  const { jobs: _, ...without } = file;
  const once = parseInstance(JSON.stringify({ ...file, jobs: [{ tasks: '0-1' }] }), 'once');
  const plain = parseInstance(JSON.stringify(without), 'once');
  for (const key of ['compute', 'edges', 'release', 'memory', 'capacity'] as const) t.deepEqual(once[key], plain[key]);
  t.deepEqual(once.goals!.map(({ deadline }) => deadline).sort(), plain.goals!.map(({ deadline }) => deadline).sort());
});

test('two models that arrive at their own rates are scheduled together, and the deadline objective says how many are late', (t) => {
  const jobs = [
    { name: 'fast', tasks: '0-1', period: 6, count: 4, deadline: 6 },
    { name: 'slow', tasks: '2-3', period: 15, count: 2, deadline: 15 },
  ];
  const { release: _, deadline: __, memory: ___, capacity: ____, ...plain } = file;
  const problem = problemOf(parseInstance(JSON.stringify({ ...plain, jobs }), 'two'));
  t.is(problem.tasks, 12);
  t.is(problem.goals.length, 6);
  const auto = algorithms.find(({ name }) => name === 'auto')!;
  const { value, figures, isOptimal } = solve(auto, problem, { seed: 1, stop: undefined, objective: 'deadline' });
  t.deepEqual([value, figures.lateness, isOptimal], [0, 0, true]);
});

test('however many arrivals there are, every task is there once for each, and precedence stays within them', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 2 }), ([one, other]) => {
      const jobs = [
        { tasks: '0-1', period: 3, count: one },
        { tasks: [3, 2], period: 0, count: other },
      ];
      const { copyOf, edges, compute } = parseInstance(JSON.stringify({ ...file, jobs }), 'many');
      for (const [task, count] of [one, one, other, other].entries()) {
        if (copyOf!.filter((each) => each === task).length !== count) throw new Error(`task ${task} is not there ${count} times`);
      }
      if (new Set([...edges.map(([from]) => from), ...edges.map(([, to]) => to)]).size !== compute.length)
        throw new Error('tasks share an edge');
      if (edges.length !== one! + other!) throw new Error(`${edges.length} edges`);
    }),
  );
  t.pass();
});
