import test from 'ava';
import fc from 'fast-check';
import { Evaluator } from '../../../../controller/scheduler/dag/evaluator.ts';
import { genetic } from '../../../../controller/scheduler/dag/genetic.ts';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { blocksOf, memeticPsoGa } from '../../../../controller/scheduler/dag/memetic-pso-ga.ts';
import { Population } from '../../../../controller/scheduler/dag/population.ts';
import { problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { psoGa } from '../../../../controller/scheduler/dag/pso-ga.ts';
import { verifySchedule } from '../../../../controller/scheduler/dag/schedule.ts';
import { Random } from '../../../../mesh/random.ts';
import { knownInstances } from './known-instances.ts';
import { instances } from './random-instance.ts';

test('crossing and mutating lose no task, and leave an order that precedence allows', (t) => {
  fc.assert(
    fc.property(instances(12, 3), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      const population = new Population(problem, new Random(seed));
      const [member, other] = [population.randomMember(), population.randomMember()];
      for (let step = 0; step < 10; step += 1) {
        if (step % 2 === 0) population.cross(member, other);
        else population.mutate(member);
        if (new Set(member.order).size !== problem.tasks) throw new Error(`${member.order} has lost a task`);
        // An order against precedence would begin a task before its input is there.
        verifySchedule(problem, population.schedule(member), 'population');
        population.rate(member);
        const evaluator = new Evaluator(problem);
        evaluator.restore(member.order, member.processor);
        if (evaluator.makespan !== member.score) throw new Error(`rated as ${member.score}, is ${evaluator.makespan}`);
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('a segment of an order takes the order it has in the other member', (t) => {
  const compute = Array.from({ length: 6 }, () => [1]);
  const problem = problemOf({ id: 'free', compute, edges: [], link: { bandwidth: [[null]], latency: null } });
  const population = new Population(problem, new Random(3));
  const forwards = { order: Int32Array.of(0, 1, 2, 3, 4, 5), processor: new Int32Array(6), score: 0 };
  const backwards = { ...forwards, order: Int32Array.of(5, 4, 3, 2, 1, 0) };
  const seen = new Set<string>();
  for (let trial = 0; trial < 200; trial += 1) {
    const member = { ...forwards, order: forwards.order.slice() };
    population.cross(member, backwards);
    // Some part is turned round, what is outside of it stands where it stood.
    const [first, last] = [member.order.findIndex((task, at) => task !== at), member.order.findLastIndex((task, at) => task !== at)];
    const expected = forwards.order.map((_, at) => (at < first || at > last ? at : last - (at - first)));
    t.deepEqual(member.order, expected);
    seen.add(member.order.join());
  }
  t.true(seen.size > 10);
});

test('blocks are joined by the heaviest transfers until so many are left', (t) => {
  const edges: [number, number, number][] = [
    [0, 1, 10],
    [1, 2, 500],
    [2, 3, 20],
    [3, 4, 400],
  ];
  const bandwidth = [
    [null, 1],
    [1, null],
  ];
  const problem = problemOf({
    id: 'chain',
    compute: edges.concat([[0, 0, 0]]).map(() => [1, 1]),
    edges,
    link: { bandwidth, latency: null },
  });
  t.deepEqual([...blocksOf(problem, 3)], [0, 1, 1, 2, 2]);
  t.deepEqual([...blocksOf(problem, 2)], [0, 1, 1, 1, 1]);
  t.deepEqual([...blocksOf(problem, 9)], [0, 1, 2, 3, 4]);
});

const m01 = knownInstances.find(({ id }) => id.startsWith('m01'))!.problem;
const options = (seed: number) => ({ random: new Random(seed), members: 30, generations: 60, stop: () => false });
for (const [name, search] of Object.entries({ genetic, psoGa, memeticPsoGa })) {
  test(`${name} is the same for the same seed, and better than where it began`, (t) => {
    const found = search(m01, options(1));
    verifySchedule(m01, found, name);
    t.is(search(m01, options(1)).makespan, found.makespan);
    const began = search(m01, { ...options(1), generations: 0 });
    t.true(found.makespan < began.makespan || found.makespan <= heft(m01).makespan);
  });
}
