/**
 * One processor at a time: what is on it, and what might come to it.
 *
 *     pair       i before j does not fit: then j before i; neither fits: then not both
 *     overload   tasks that are all inside a window need more time than it has; with one more they would: then it runs elsewhere
 *
 * (Carlier, Pinson: An algorithm for solving the job-shop problem, Management Science 35, 1989.)
 */
import type { Deduction } from './deduction.ts';
import { RULE } from './trail.ts';

/** Whether no contradiction was met. */
export function checkProcessor(of: Deduction, p: number): boolean {
  // Asserting may place another task here: then the processor is looked at again.
  const own = [...of.trail.own[p]!];
  if (own.length === 0) return true;
  if (!checkPairs(of, p, own)) return false;
  const { tasks, processors, modes } = of.model;
  own.sort((a, b) => of.trail.bound[modes + b * processors + p]! - of.trail.bound[modes + a * processors + p]! || a - b);
  if (!checkLoad(of, p, own)) return false;
  for (let task = 0; task < tasks; task += 1) {
    if (of.trail.placed[task] === -1 && of.trail.isTrue[2 * (task * processors + p) + 1] === 0 && !checkCandidate(of, p, own, task))
      return false;
  }
  return true;
}

function checkPairs(of: Deduction, p: number, own: readonly number[]): boolean {
  const { trail, model } = of;
  const { tasks, processors } = model;
  for (const i of own) {
    for (let j = 0; j < tasks; j += 1) {
      const literal = model.before(i, j);
      if (!(literal >= 0)) continue;
      const other = 2 * (j * processors + p);
      if (trail.isTrue[other] === 1) {
        if (j < i || trail.isTrue[literal] === 1 || trail.isTrue[literal ^ 1] === 1) continue;
        if (!fits(of, i, j, p)) {
          if (!of.assert(literal ^ 1, RULE.order, p, 0)) return false;
        } else if (!fits(of, j, i, p) && !of.assert(literal, RULE.order, p, 0)) return false;
      } else if (trail.placed[j] === -1 && trail.isTrue[other + 1] === 0 && !fits(of, i, j, p) && !fits(of, j, i, p)) {
        if (!of.assert(other + 1, RULE.pair, i, 0)) return false;
      }
    }
  }
  return true;
}

/** Whether i could run before j on p. */
function fits({ trail, model }: Deduction, i: number, j: number, p: number): boolean {
  if (trail.isTrue[model.before(j, i)] === 1) return false;
  const [early, late] = [i * model.processors + p, j * model.processors + p];
  return trail.bound[early]! + model.length[early]! + model.length[late]! + trail.bound[model.modes + late]! <= trail.limit;
}

/** `own`: largest tail first. For each window that a head and a tail make: the work inside. */
function checkLoad(of: Deduction, p: number, own: readonly number[]): boolean {
  const { trail, model, conflict } = of;
  const { processors, modes, length } = model;
  for (const first of own) {
    const head = trail.bound[first * processors + p]!;
    let work = 0;
    for (const [at, last] of own.entries()) {
      const mode = last * processors + p;
      if (trail.bound[mode]! < head) continue;
      work += length[mode]!;
      const over = head + work + trail.bound[modes + mode]! - trail.limit;
      if (over <= 0) continue;
      const tail = trail.bound[modes + mode]! - (over - 1);
      conflict.clear();
      for (let each = 0; each <= at; each += 1) {
        const inside = own[each]! * processors + p;
        if (trail.bound[inside]! < head) continue;
        conflict.literal(2 * inside);
        conflict.bound(inside, head);
        conflict.bound(modes + inside, tail);
      }
      return false;
    }
  }
  return true;
}

/** The same windows, widened for one more task. */
function checkCandidate(of: Deduction, p: number, own: readonly number[], task: number): boolean {
  const { trail, model } = of;
  const { processors, modes, length } = model;
  const mode = task * processors + p;
  for (const first of own) {
    const head = Math.min(trail.bound[mode]!, trail.bound[first * processors + p]!);
    let work = length[mode]!;
    for (const [at, last] of own.entries()) {
      const bound = last * processors + p;
      if (trail.bound[bound]! < head) continue;
      work += length[bound]!;
      const tail = Math.min(trail.bound[modes + mode]!, trail.bound[modes + bound]!);
      const over = head + work + tail - trail.limit;
      if (over <= 0) continue;
      const notes = trail.notes.length;
      trail.notes.push(head, Math.max(0, tail - (over - 1)));
      let count = 0;
      for (let each = 0; each <= at; each += 1) {
        if (trail.bound[own[each]! * processors + p]! < head) continue;
        trail.notes.push(own[each]!);
        count += 1;
      }
      return of.assert(2 * mode + 1, RULE.overload, notes, count);
    }
  }
  return true;
}
