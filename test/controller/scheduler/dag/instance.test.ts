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
  ['a release for each but one', { ...good, release: [0] }, /release has 1 entries: expected 2/],
  ['a release before time begins', { ...good, release: [0, -1] }, /release\[1\] is -1: expected a number of at least 0/],
  ['memory without capacity', { ...good, memory: [1, 1] }, /capacity is missing: memory needs it/],
  ['capacity without memory', { ...good, capacity: [1, 1] }, /memory is missing: capacity needs it/],
  ['memory that is no list', { ...good, memory: 3, capacity: [1, 1] }, /memory is no list/],
  ['a capacity that is no number', { ...good, memory: [1, 1], capacity: [null, '8'] }, /capacity\[1\] is "8": expected a number/],
  ['power that is no object', { ...good, power: 5 }, /power is no object/],
  ['power without idle', { ...good, power: { busy: [1, 1] } }, /power\.idle is missing: expected a list/],
  ['power of another name', { ...good, power: { busy: [1, 1], idel: [1, 1] } }, /power\.idel is unknown: expected busy, idle/],
  ['negative power', { ...good, power: { busy: [1, 1], idle: [0, -2] } }, /power\.idle\[1\] is -2/],
  ['a radio of one processor', { ...good, radio: { send: [1], receive: [1, 1] } }, /radio\.send has 1 entries: expected 2/],
  ['a deadline that is no number', { ...good, deadline: [true, null] }, /deadline\[0\] is true/],
  ['a deadline at the release', { ...good, release: [0, 5], deadline: [null, 5] }, /deadline\[1\] is 5: expected more than the release, 5/],
  ['a deadline at once', { ...good, deadline: [0, null] }, /deadline\[0\] is 0: expected more than the release, 0/],
  ['an unknown contention', { ...good, contention: 'bus' }, /contention is "bus": expected "none", "link", "interface"/],
  ['jobs that are no list', { ...good, jobs: {} }, /jobs is no list/],
  ['a job that is none', { ...good, jobs: [7] }, /jobs\[0\] is no object/],
  [
    'a job with another field',
    { ...good, jobs: [{ tasks: '0-1', every: 5 }] },
    /jobs\[0\]\.every is unknown: expected name, tasks, period, rate/,
  ],
  ['a job without tasks', { ...good, jobs: [{ count: 1 }] }, /jobs\[0\]\.tasks is missing: expected a list/],
  ['a job of no tasks', { ...good, jobs: [{ tasks: [] }] }, /jobs\[0\]\.tasks is empty: expected tasks/],
  [
    'a range that is none',
    { ...good, jobs: [{ tasks: '0..1' }] },
    /jobs\[0\]\.tasks is "0\.\.1": expected a list of tasks or a range such as "0-1"/,
  ],
  ['a range that is too long', { ...good, jobs: [{ tasks: '0-2' }] }, /jobs\[0\]\.tasks is 2: expected a task, 0 to 1/],
  ['a range backwards', { ...good, jobs: [{ tasks: '1-0' }] }, /jobs\[0\]\.tasks is "1-0": the last task comes before the first/],
  ['a task that is not there', { ...good, jobs: [{ tasks: [0, 5] }] }, /jobs\[0\]\.tasks\[1\] is 5: expected a task, 0 to 1/],
  ['a task twice in a job', { ...good, jobs: [{ tasks: [0, 1, 1] }] }, /jobs\[0\]\.tasks names a task twice/],
  [
    'a task in two jobs',
    { ...good, jobs: [{ tasks: '0-1' }, { tasks: [1] }] },
    /jobs\[1\]\.tasks holds task 1, which belongs to jobs\[0\]/,
  ],
  ['jobs that an edge joins', { ...good, jobs: [{ tasks: [0] }, { tasks: [1] }] }, /edges\[0\] joins tasks 0 and 1 of different jobs/],
  ['arrivals without a period', { ...good, jobs: [{ tasks: '0-1', count: 2 }] }, /jobs\[0\]\.period is missing: expected it, or rate/],
  ['a period and a rate', { ...good, jobs: [{ tasks: '0-1', period: 1, rate: 1 }] }, /jobs\[0\]\.rate is given beside period/],
  ['a rate of 0', { ...good, jobs: [{ tasks: '0-1', rate: 0 }] }, /jobs\[0\]\.rate is 0: expected a number above 0/],
  ['a negative period', { ...good, jobs: [{ tasks: '0-1', period: -1 }] }, /jobs\[0\]\.period is -1/],
  ['no arrivals', { ...good, jobs: [{ tasks: '0-1', count: 0 }] }, /jobs\[0\]\.count is 0: expected a whole number of at least 1/],
  ['half an arrival', { ...good, jobs: [{ tasks: '0-1', period: 1, count: 1.5 }] }, /jobs\[0\]\.count is 1\.5/],
  ['too many arrivals', { ...good, jobs: [{ tasks: '0-1', period: 1, count: 60000 }] }, /jobs make 120000 tasks: expected 100000 at most/],
  ['a job due at once', { ...good, jobs: [{ tasks: '0-1', deadline: 0 }] }, /jobs\[0\]\.deadline is 0: expected a number above 0/],
  ['a job that arrives before time begins', { ...good, jobs: [{ tasks: '0-1', release: -3 }] }, /jobs\[0\]\.release is -3/],
  ['a job whose name is none', { ...good, jobs: [{ name: 3, tasks: '0-1' }] }, /jobs\[0\]\.name is no text/],
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
