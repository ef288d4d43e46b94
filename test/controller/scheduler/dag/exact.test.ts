/** The exact search against trying everything, its bounds while it is stopped, and what it must not depend on. */
import test from 'ava';
import fc from 'fast-check';
import { auto } from '../../../../controller/scheduler/dag/auto.ts';
import { branchAndBound, ExactSearch } from '../../../../controller/scheduler/dag/branch-and-bound.ts';
import { Model } from '../../../../controller/scheduler/dag/exact/model.ts';
import { Propagation } from '../../../../controller/scheduler/dag/exact/propagation.ts';
import { Search } from '../../../../controller/scheduler/dag/exact/search.ts';
import { RULE } from '../../../../controller/scheduler/dag/exact/trail.ts';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { type Instance, parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { type Schedule, verifySchedule } from '../../../../controller/scheduler/dag/schedule.ts';
import { local } from '../../../../controller/scheduler/dag/simple.ts';
import { Random } from '../../../../controller/scheduler/random.ts';
import { optimumByForce } from './brute-force.ts';
import { knownInstances } from './known-instances.ts';
import { instances } from './random-instance.ts';

const never = (): boolean => false;

/** Few different numbers: equal tasks, processors that are alike, tasks and transfers without length, many ties. */
function alike(tasksMax: number, processorsMax: number): fc.Arbitrary<Instance> {
  return fc
    .record({ tasks: fc.integer({ min: 1, max: tasksMax }), processors: fc.integer({ min: 1, max: processorsMax }) })
    .chain(({ tasks, processors }) =>
      fc.record({
        times: fc.array(fc.constantFrom(0, 1, 1, 3), { minLength: tasks, maxLength: tasks }),
        speeds: fc.array(fc.constantFrom(1, 1, 2), { minLength: processors, maxLength: processors }),
        edges: fc.array(fc.tuple(fc.nat(tasks - 1), fc.nat(tasks - 1), fc.constantFrom(0, 1, 2, 6)), { maxLength: 2 * tasks }),
      }),
    )
    .map(({ times, speeds, edges }) =>
      parseInstance(
        JSON.stringify({
          compute: times.map((time) => speeds.map((speed) => time * speed)),
          edges: edges.filter(([a, b]) => a !== b).map(([a, b, data]) => [Math.min(a, b), Math.max(a, b), data]),
          link: { bandwidth: speeds.map((_, p) => speeds.map((__, q) => (p === q ? null : 1))), latency: null },
        }),
        'alike',
      ),
    );
}

/** As much to hand over as to do, and more ready tasks than processors: whoever wants a proof has to search. */
const busy = (tasksMin: number, tasksMax: number): fc.Arbitrary<Instance> =>
  fc
    .record({ tasks: fc.integer({ min: tasksMin, max: tasksMax }), processors: fc.integer({ min: 2, max: 4 }) })
    .chain(({ tasks, processors }) =>
      fc.record({
        compute: fc.array(fc.array(fc.integer({ min: 20, max: 99 }), { minLength: processors, maxLength: processors }), {
          minLength: tasks,
          maxLength: tasks,
        }),
        edges: fc.array(fc.tuple(fc.nat(tasks - 1), fc.nat(tasks - 1), fc.nat(60)), { minLength: tasks >> 1, maxLength: tasks }),
      }),
    )
    .map(({ compute, edges }) =>
      parseInstance(
        JSON.stringify({
          compute,
          edges: edges.filter(([a, b]) => a !== b).map(([a, b, data]) => [Math.min(a, b), Math.max(a, b), data]),
          link: { bandwidth: compute[0]!.map((_, p) => compute[0]!.map((__, q) => (p === q ? null : 1))), latency: null },
        }),
        'busy',
      ),
    );

function isOptimal(instance: Instance): void {
  const problem = problemOf(instance);
  const optimum = optimumByForce(instance);
  for (const known of [local(problem), heft(problem)]) {
    const { schedule, proven, lowerBound } = branchAndBound(problem, known, never);
    verifySchedule(problem, schedule, 'exact');
    if (!proven || lowerBound !== schedule.makespan) throw new Error('it came to its end, and says it has no proof');
    if (Math.abs(schedule.makespan - optimum) > 1e-9 * optimum) throw new Error(`${schedule.makespan} instead of ${optimum}`);
  }
}

test('the exact search finds what trying everything finds: whole numbers', (t) => {
  fc.assert(fc.property(instances(5, 3), isOptimal), { numRuns: 300 });
  t.pass();
});

test('the exact search finds what trying everything finds: fractions', (t) => {
  fc.assert(fc.property(instances(5, 3, false), isOptimal), { numRuns: 300 });
  t.pass();
});

test('the exact search finds what trying everything finds: equal tasks and processors that are alike', (t) => {
  fc.assert(fc.property(alike(6, 3), isOptimal), { numRuns: 300 });
  t.pass();
});

test('a bound without search, and one of a search that is stopped, is never above the optimum', (t) => {
  fc.assert(
    fc.property(fc.oneof(instances(5, 3), instances(5, 3, false), alike(6, 3)), (instance) => {
      const problem = problemOf(instance);
      const optimum = optimumByForce(instance) * (1 + 1e-12);
      const exact = new ExactSearch(problem, local(problem));
      const refuted = exact.refute(never);
      if (refuted.lowerBound > optimum) throw new Error(`${refuted.lowerBound} above ${optimum}`);
      const stopped = exact.run(() => true);
      if (stopped.lowerBound < refuted.lowerBound) throw new Error('a bound was forgotten');
      if (stopped.lowerBound > optimum) throw new Error(`${stopped.lowerBound} above ${optimum}`);
      const { schedule, lowerBound } = auto(problem, { seed: 1, rounds: 1, stop: never });
      if (lowerBound > optimum || schedule.makespan < optimum * (1 - 1e-9))
        throw new Error(`${lowerBound}, ${optimum}, ${schedule.makespan}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

/** Whether a fact of the search is true of a schedule that ends within the limit. */
function holds(
  { modes, processors, first, second, length }: Model,
  { processor, start }: Schedule,
  limit: number,
  code: number,
  value: number,
): boolean {
  if (code >= 2 * modes) {
    const pair = (code >> 1) - modes;
    const [i, j] = [first[pair]!, second[pair]!];
    return start[i]! < start[j]! === ((code & 1) === 0);
  }
  const mode = code >= 0 ? code >> 1 : (-1 - code) % modes;
  const task = Math.floor(mode / processors);
  const isThere = processor[task] === mode % processors;
  if (code >= 0) return isThere === ((code & 1) === 0);
  return !isThere || (-1 - code < modes ? start[task]! : limit - start[task]! - length[mode]!) >= value;
}

test('nothing that is learned speaks against a schedule within the limit', (t) => {
  let lessons = 0;
  fc.assert(
    fc.property(busy(16, 26), (instance) => {
      const problem = problemOf(instance);
      const good = auto(problem, { seed: 1, rounds: 1, stop: never }).schedule;
      const model = new Model(problem, good.makespan, true);
      const search = new Search(model, local(problem), (codes, values) => {
        lessons += 1;
        if (codes.every((code, at) => holds(model, good, good.makespan, code, values[at]!))) {
          throw new Error(`${codes} can't all hold, but do (${values})`);
        }
      });
      if (!search.restrict(good.makespan)) throw new Error('refuted at once');
      let left = 400;
      const outcome = search.run((met) => {
        left -= met;
        return left <= 0;
      });
      if (outcome === 'none') throw new Error('refuted');
    }),
    { numRuns: 100 },
  );
  t.true(lessons > 800, `${lessons}`);
});

test('what a fact is explained with was known before it, and is enough for it', (t) => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(fc.oneof(busy(8, 14), alike(10, 3), instances(10, 3)), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      const random = new Random(seed);
      const known = auto(problem, { seed: 1, rounds: 1, stop: never }).schedule;
      const model = new Model(problem, known.makespan, true);
      // Some conclusions are there only when there is room, others only when there is none.
      const limit = Math.floor(known.makespan * model.scale * (1 + random.below(3) / 10));
      const of = new Propagation(model);
      let goesOn = of.restrict(limit);
      for (let step = 0; goesOn && step < model.tasks; step += 1) {
        of.trail.deepen();
        goesOn = of.assert(2 * random.below(model.variables) + random.below(2), RULE.decision, 0, 0) && of.run();
      }
      const { trail, conflict } = of;
      for (let at = 0; at < trail.length; at += 1) {
        const rule = trail.rule[at]!;
        // The weights that area found are not found again from half of what it knew.
        if (trail.level[at] === 0 || rule === RULE.decision || rule === RULE.noted) continue;
        const code = trail.code[at]!;
        const [from, to] = code < 0 ? [trail.boundBefore(-1 - code, at), trail.boundBefore(-1 - code, at + 1)] : [0, 0];
        const value = to === Number.POSITIVE_INFINITY ? to : to - random.below(Math.min(to - from, 1e6));
        conflict.clear();
        of.explanation.of(rule, trail.a[at]!, trail.b[at]!, code, value, at);
        seen.add(rule);
        const fresh = new Propagation(model);
        fresh.restrict(limit);
        fresh.trail.deepen();
        let isPossible = true;
        for (const [index, premise] of conflict.codes.entries()) {
          const needed = conflict.values[index]!;
          if (!trail.holds(premise, needed) || trail.factOf(premise, needed, at) >= at)
            throw new Error(`rule ${rule}: ${premise} came later`);
          if (!isPossible) continue;
          isPossible = premise >= 0 ? fresh.assert(premise, RULE.decision, 0, 0) : fresh.raise(-1 - premise, needed, RULE.decision, 0, 0);
        }
        if (isPossible && fresh.run() && !fresh.trail.holds(code, value)) throw new Error(`rule ${rule}: ${code} does not follow`);
      }
    }),
    { numRuns: 150 },
  );
  t.deepEqual(
    Object.entries(RULE)
      .filter(([, rule]) => !seen.has(rule))
      .map(([name]) => name),
    ['decision', 'nogood', 'noted'],
  );
});

/** Every edge turned round, and the links with them: a schedule read backwards. */
function backwards({ id, compute, edges, link }: Instance): Instance {
  const turn = <T>(rows: readonly (readonly T[])[]): T[][] => rows.map((_, p) => rows.map((row) => row[p]!));
  return {
    id,
    compute,
    edges: edges.map(([from, to, data]) => [to, from, data]),
    link: { bandwidth: turn(link.bandwidth), latency: link.latency === null ? null : turn(link.latency) },
  };
}

/** The same with the last task first, and the last processor. */
function renumbered({ id, compute, edges, link }: Instance): Instance {
  const turn = <T>(rows: readonly (readonly T[])[]): T[][] => rows.map((row) => row.toReversed()).toReversed();
  const other = (task: number): number => compute.length - 1 - task;
  return {
    id,
    compute: turn(compute),
    edges: edges.map(([from, to, data]) => [other(from), other(to), data] as const).toReversed(),
    link: { bandwidth: turn(link.bandwidth), latency: link.latency === null ? null : turn(link.latency) },
  };
}

test('an instance that is turned round or has other numbers has the same optimum', (t) => {
  fc.assert(
    fc.property(fc.oneof(instances(12, 4), alike(10, 3), busy(9, 13)), (instance) => {
      const optimum = (each: Instance): number => {
        const problem = problemOf(each);
        const { schedule } = branchAndBound(problem, local(problem), never);
        verifySchedule(problem, schedule, 'exact');
        return schedule.makespan;
      };
      const found = [instance, backwards(instance), renumbered(instance), renumbered(backwards(instance))].map(optimum);
      if (new Set(found).size > 1) throw new Error(`${found}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

const known = (id: string): { readonly problem: Problem; readonly best: number } => {
  const { problem, expected } = knownInstances.find((each) => each.id.startsWith(id))!;
  return { problem, best: expected.bestKnown!.makespan };
};

test('a bound of bounds: those of the larger instances of our own are within a fifth of the best known', (t) => {
  for (const id of ['m01', 'm02', 'm06', 'l01']) {
    const { problem, best } = known(id);
    const { lowerBound } = new ExactSearch(problem, heft(problem)).refute(never);
    t.true(lowerBound <= best && best <= 1.2 * lowerBound, `${id}: ${lowerBound}, ${best}`);
  }
});

for (const { id, problem, expected } of knownInstances.filter(
  ({ id: name }) => /^([stay]\d|m0[12]|topcuoglu|arabnejad|d0[3478])/.test(name) && !name.startsWith('y02'),
)) {
  test(`auto proves ${id} without a limit of time`, (t) => {
    const { schedule, lowerBound } = auto(problem, { seed: 1, rounds: 7, stop: never });
    t.is(lowerBound, schedule.makespan);
    const best = expected.bestKnown?.makespan;
    t.true(best === undefined || Math.abs(schedule.makespan - best) <= 1e-4 * Math.max(1, best * 1e-3), `${schedule.makespan}`);
  });
}

for (const id of ['m01', 'm02']) {
  test(`${id} is proven within a thousand contradictions`, (t) => {
    const { problem, best } = known(id);
    let left = 1000;
    const { schedule, proven } = branchAndBound(problem, heft(problem), (met) => {
      left -= met;
      return left <= 0;
    });
    t.deepEqual([schedule.makespan, proven], [best, true]);
  });
}

test('a search that was stopped goes on where it was, takes a better schedule from elsewhere, and is the same every time', (t) => {
  const { problem, best } = known('t01');
  const inSteps = (): [readonly number[], number] => {
    const exact = new ExactSearch(problem, local(problem));
    let steps = 0;
    while (!exact.run(() => true).proven) {
      steps += 1;
      if (steps === 1) exact.improve(heft(problem));
    }
    return [[...exact.result.schedule.processor], steps];
  };
  const [first, second] = [inSteps(), inSteps()];
  t.deepEqual(first, second);
  const exact = new ExactSearch(problem, local(problem));
  t.is(exact.run(never).schedule.makespan, best);
  exact.improve(local(problem));
  t.is(exact.result.schedule.makespan, best, 'what is no better changes nothing');
});
