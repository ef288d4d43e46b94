/** What a rule needs to draw its conclusions: what is known, and whom to tell. False from any of these: a contradiction, which `conflict` holds. */
import type { Model } from './model.ts';
import type { Premises } from './premises.ts';
import type { Trail } from './trail.ts';

export interface Deduction {
  readonly model: Model;
  readonly trail: Trail;
  /** After a contradiction: facts that can't all hold. */
  readonly conflict: Premises;
  /** The literal is true, by this rule. */
  assert(literal: number, rule: number, a: number, b: number): boolean;
  /** The bound is at least `value`, by this rule. */
  raise(bound: number, value: number, rule: number, a: number, b: number): boolean;
  /** Whether a task has to run after another one (side 1: before) if both are on one processor. */
  isBehind(side: 0 | 1, task: number, other: number): boolean;
}
