/**
 * What a search makes small. An objective turns the figures of a schedule into one number, its score, whose order is the order of preference:
 *
 *     0 ─────────── schedules as wanted ─────────── top ──── tasks do not fit into memory ────▶
 *
 * so a search only ever compares numbers. What a person reads is the value, in its own unit.
 */
import type { Figures } from './figures.ts';

export type ObjectiveName = 'makespan' | 'energy' | 'deadline';

export const objectiveNames: readonly ObjectiveName[] = ['makespan', 'energy', 'deadline'];

export interface Objective {
  readonly name: ObjectiveName;
  /** What the objective is about: time, joules, 1 − utility. */
  readonly value: (figures: Figures) => number;
  /** Smaller is better. Less than `top`. */
  readonly score: (figures: Figures) => number;
  readonly top: number;
  /** No schedule that is as wanted has a smaller value, nor a smaller score. Takes a while for large instances. */
  readonly lowerBound: () => number;
  /** Whether the schedule is as wanted (deadlines that are a condition are kept). */
  readonly isMet: (figures: Figures) => boolean;
}
