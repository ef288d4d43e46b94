/** What the exact search concludes and learns, looked at one by one. */
import test from 'ava';
import fc from 'fast-check';
import { auto } from '../../../../controller/scheduler/dag/auto.ts';
import { Model } from '../../../../controller/scheduler/dag/exact/model.ts';
import { Propagation } from '../../../../controller/scheduler/dag/exact/propagation.ts';
import { Search } from '../../../../controller/scheduler/dag/exact/search.ts';
import { RULE } from '../../../../controller/scheduler/dag/exact/trail.ts';
import { problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import type { Schedule } from '../../../../controller/scheduler/dag/schedule.ts';
import { local } from '../../../../controller/scheduler/dag/simple.ts';
import { Random } from '../../../../mesh/random.ts';
import { alike, busy } from './random-hard.ts';
import { instances } from './random-instance.ts';

const never = (): boolean => false;

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
