/** Valid schedules, spoilt in one place: the check must say what is wrong. */
import test from 'ava';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { type Schedule, scheduleOf, verifySchedule, violations } from '../../../../controller/scheduler/dag/schedule.ts';

const NONE = Number.NaN;

/** Tasks 0 and 1 both hand 4 units to tasks 2 and 3, on two other processors; 2 units a time, one time of latency. */
function problem(fields: object = {}): Problem {
  const [none, two, one] = [null, 2, 1];
  const instance = {
    compute: [
      [2, 9, 9, 9],
      [9, 2, 9, 9],
      [9, 9, 3, 9],
      [9, 9, 9, 3],
    ],
    edges: [
      [0, 2, 4],
      [1, 2, 4],
      [0, 3, 4],
    ],
    link: {
      bandwidth: [
        [none, two, two, two],
        [two, none, two, two],
        [two, two, none, two],
        [two, two, two, none],
      ],
      latency: [
        [0, one, one, one],
        [one, 0, one, one],
        [one, one, 0, one],
        [one, one, one, 0],
      ],
    },
    ...fields,
  };
  return problemOf(parseInstance(JSON.stringify(instance), 'four'));
}

function schedule(start: readonly number[], departure?: readonly number[], processor = [0, 1, 2, 3]): Schedule {
  const lengths = [2, 2, 3, 3];
  const finish = Float64Array.from(start, (from, task) => from + lengths[task]!);
  return scheduleOf(
    Int32Array.from(processor),
    Float64Array.from(start),
    finish,
    departure === undefined ? undefined : Float64Array.from(departure),
  );
}

const plain = problem();
const released = problem({ release: [0, 0, 7, 0] });
const small = problem({ memory: [1, 1, 5, 5], capacity: [null, 1, 5, 5] });
const links = problem({ contention: 'link' });
const interfaces = problem({ contention: 'interface' });

// Interfaces: p0 sends edge 0 from 2 to 4 and edge 2 from 4 to 6; p2 receives edge 0 until 4 and edge 1 from 4 to 6.
const good: readonly [string, Problem, Schedule][] = [
  ['transfers do not hinder each other', plain, schedule([0, 0, 5, 5])],
  ['tasks wait for their release', released, schedule([0, 0, 7, 5])],
  ['memory suffices', small, schedule([0, 0, 5, 5])],
  ['links carry one transfer each', links, schedule([0, 0, 5, 5], [2, 2, 2])],
  ['interfaces carry one after the other', interfaces, schedule([0, 0, 7, 7], [2, 4, 4])],
];
for (const [what, of, valid] of good) {
  test(`a schedule in which ${what} is valid`, (t) => {
    t.deepEqual(violations(of, valid), []);
    t.deepEqual(violations(of, heft(of)), []);
  });
}

const bad: readonly [string, Problem, Schedule, RegExp][] = [
  ['begins before the release', released, schedule([0, 0, 5, 5]), /task 2 starts at 5, before its release at 7/],
  [
    'needs more memory than there is',
    problem({ memory: [1, 1, 5, 5], capacity: [null, 0.5, 5, 5] }),
    schedule([0, 0, 5, 5]),
    /processor 1 has memory for 0\.5: its tasks need 1/,
  ],
  ['does not say when transfers happen', links, schedule([0, 0, 5, 5]), /does not say when transfers happen/],
  ['says when transfers happen where they are free', plain, schedule([0, 0, 5, 5], [2, 2, 2]), /without contention there are none/],
  ['sends what is not there yet', links, schedule([0, 0, 5, 5], [1, 2, 2]), /the transfer of edge 0 begins at 1, before task 0 ends at 2/],
  ['never sends', links, schedule([0, 0, 5, 5], [NONE, 2, 2]), /the transfer of edge 0 begins at NaN/],
  ['begins before what is sent arrives', links, schedule([0, 0, 5, 5], [3, 2, 2]), /task 2 starts at 5, before edge 0 arrives at 6/],
  ['begins before the latency is over', links, schedule([0, 0, 5, 5], [2, 2, 2.5]), /task 3 starts at 5, before edge 2 arrives at 5\.5/],
  [
    'sends two at a time from one interface',
    interfaces,
    schedule([0, 0, 7, 7], [2, 4, 3]),
    /the transfers of edges 0 and 2 overlap on one interface/,
  ],
  [
    'receives two at a time at one interface',
    interfaces,
    schedule([0, 0, 7, 7], [2, 3, 4]),
    /the transfers of edges 0 and 1 overlap on one interface/,
  ],
];
for (const [what, of, broken, message] of bad) {
  test(`a schedule that ${what} is none`, (t) => {
    const found = violations(of, broken);
    t.true(
      found.some((each) => message.test(each)),
      found.join('; '),
    );
    t.throws(() => verifySchedule(of, broken, 'somebody'));
  });
}

test('two transfers from one task to another processor do not share a link, and on one processor nothing is sent', (t) => {
  const twice = problem({
    contention: 'link',
    edges: [
      [0, 2, 4],
      [0, 2, 4],
    ],
  });
  t.deepEqual(violations(twice, schedule([0, 0, 7, 0], [2, 4])), []);
  t.regex(violations(twice, schedule([0, 0, 7, 0], [2, 3])).join(), /the transfers of edges 0 and 1 overlap on one link/);
  const together = scheduleOf(
    Int32Array.of(0, 1, 0, 3),
    Float64Array.of(0, 0, 2, 0),
    Float64Array.of(2, 2, 11, 3),
    Float64Array.of(NONE, NONE),
  );
  t.deepEqual(violations(twice, together), []);
  t.regex(
    violations(twice, { ...together, departure: Float64Array.of(2, NONE) }).join(),
    /edge 0 is transferred, though both its ends are on/,
  );
});

test('memory that arrivals of a job share is needed once on a processor, and once on each', (t) => {
  const jobs = [{ tasks: '0-0', period: 1, count: 2 }];
  const shared = (capacity: number): Problem =>
    problemOf(
      parseInstance(
        JSON.stringify({
          compute: [[2, 2]],
          edges: [],
          link: {
            bandwidth: [
              [null, 1],
              [1, null],
            ],
            latency: null,
          },
          memory: [5],
          capacity: [5, capacity],
          jobs,
        }),
        'shared',
      ),
    );
  const on = (processor: readonly number[], start: readonly number[]): Schedule =>
    scheduleOf(
      Int32Array.from(processor),
      Float64Array.from(start),
      Float64Array.from(start, (from) => from + 2),
    );
  t.deepEqual(violations(shared(0), on([0, 0], [0, 2])), []);
  t.deepEqual(violations(shared(5), on([0, 1], [0, 1])), []);
  t.regex(violations(shared(4), on([0, 1], [0, 1])).join(), /processor 1 has memory for 4: its tasks need 5/);
  t.deepEqual([...heft(shared(4)).processor], [0, 0]);
});
