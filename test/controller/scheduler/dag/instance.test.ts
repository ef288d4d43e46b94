import test from 'ava';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { problemOf, transfer } from '../../../../controller/scheduler/dag/problem.ts';

const good = {
  format: 'dagsched-instance/1',
  id: 'small',
  compute: [
    [1, 2],
    [3, 4],
  ],
  edges: [[0, 1, 6]],
  link: {
    bandwidth: [
      [null, 2],
      [3, null],
    ],
    latency: [
      [0, 1],
      [2, 0],
    ],
  },
};

test('an instance is read as it is written', (t) => {
  const problem = problemOf(parseInstance(JSON.stringify(good), 'f.json'));
  t.deepEqual([problem.tasks, problem.processors, problem.instance.id], [2, 2, 'small']);
  t.is(transfer(problem, 0, 0, 1), 1 + 6 / 2);
  t.is(transfer(problem, 0, 1, 0), 2 + 6 / 3);
  t.is(transfer(problem, 0, 1, 1), 0);
  const bare = parseInstance(
    JSON.stringify({ ...good, id: undefined, format: undefined, link: { ...good.link, latency: null } }),
    'f.json',
  );
  t.is(bare.id, 'f.json');
  t.is(transfer(problemOf(bare), 0, 0, 1), 3);
});

const link = (changes: object): object => ({ ...good, link: { ...good.link, ...changes } });
const wrong: readonly [string, unknown, RegExp][] = [
  ['no object', [], /the file is no object/],
  ['another format', { ...good, format: 'x/2' }, /format is "x\/2": expected "dagsched-instance\/1"/],
  ['no tasks', { ...good, compute: [] }, /compute is empty/],
  ['no compute', { ...good, compute: undefined }, /compute is missing: expected a list/],
  ['no processors', { ...good, compute: [[], []] }, /compute\[0\] is empty/],
  ['a short row', { ...good, compute: [[1, 2], [3]] }, /compute\[1\] has 1 entries: expected 2/],
  [
    'a negative time',
    {
      ...good,
      compute: [
        [1, 2],
        [3, -4],
      ],
    },
    /compute\[1\]\[1\] is -4: expected a number of at least 0/,
  ],
  [
    'a time that is no number',
    {
      ...good,
      compute: [
        [1, 2],
        [3, null],
      ],
    },
    /compute\[1\]\[1\] is null/,
  ],
  ['an edge without data', { ...good, edges: [[0, 1]] }, /edges\[0\] has 2 entries: expected \[from, to, data\]/],
  ['an edge to nowhere', { ...good, edges: [[0, 7, 1]] }, /edges\[0\]\[1\] is 7: expected a task, 0 to 1/],
  ['half a task', { ...good, edges: [[0.5, 1, 1]] }, /edges\[0\]\[0\] is 0\.5/],
  ['negative data', { ...good, edges: [[0, 1, -1]] }, /edges\[0\]\[2\] is -1/],
  [
    'a cycle',
    {
      ...good,
      edges: [
        [0, 1, 1],
        [1, 0, 1],
      ],
    },
    /edges make a cycle: tasks 0, 1 wait for each other/,
  ],
  ['a task that waits for itself', { ...good, edges: [[1, 1, 0]] }, /tasks 1 wait/],
  ['no link', { ...good, link: undefined }, /link is no object/],
  [
    'a link without bandwidth',
    link({
      bandwidth: [
        [null, 0],
        [1, null],
      ],
    }),
    /link\.bandwidth\[0\]\[1\] is 0: expected more/,
  ],
  [
    'a bandwidth that is missing',
    link({
      bandwidth: [
        [null, null],
        [1, null],
      ],
    }),
    /link\.bandwidth\[0\]\[1\] is null/,
  ],
  ['too few links', link({ bandwidth: [[null, 1]] }), /link\.bandwidth has 1 rows: expected 2/],
  [
    'a negative latency',
    link({
      latency: [
        [0, -1],
        [0, 0],
      ],
    }),
    /link\.latency\[0\]\[1\] is -1/,
  ],
  ['too few names', { ...good, taskNames: ['a'] }, /taskNames has 1 entries: expected 2/],
  ['a name that is none', { ...good, processorNames: ['a', 7] }, /processorNames\[1\] is no text/],
];
for (const [what, value, message] of wrong) {
  test(`${what} is refused with its place in the file`, (t) => {
    t.throws(() => parseInstance(JSON.stringify(value), 'f.json'), { message });
  });
}

test('what is no JSON is said so', (t) => {
  t.throws(() => parseInstance('{', 'f.json'), { message: /f\.json is no JSON/ });
  t.throws(() => parseInstance('{"compute":[[NaN]]}', 'f.json'), { message: /f\.json is no JSON/ });
});
