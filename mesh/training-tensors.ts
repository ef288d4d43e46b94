/** What the inputs and outputs of a training step are called: the contract between who writes its graph and who runs it. */

/** Output: what is to become small, float32, a scalar. */
export const LOSS = 'loss';
/** Output: how many examples have their highest score at their class, int64, a scalar. */
export const CORRECT = 'correct';
/** Input: the number of each example's class, int64 [batch]. */
export const LABELS = 'labels';
/** Input that an output shall become, of its size. */
export const TARGET = 'target';
/** Input: float32, a scalar. */
export const LEARNING_RATE = 'learning-rate';
/** Input: the number of this step, from 1 on, float32, a scalar; for Adam. */
export const STEP = 'step';
/** Input: of Dropout, int64, a scalar; another number for each step. */
export const SEED = 'seed';

/** The output with what an input (a parameter, a statistic, a state of the optimizer) is after a step. */
export function updatedName(name: string): string {
  return `new/${name}`;
}

/** What an optimizer remembers of a parameter: its velocity; the fading sums of its gradient and of that squared. Zeros before the first step of a stage. */
export const stateKinds = ['velocity', 'mean', 'square'] as const;

export function stateName(kind: (typeof stateKinds)[number], parameter: string): string {
  return `${kind}/${parameter}`;
}

export function isState(name: string): boolean {
  return stateKinds.some((kind) => name.startsWith(`${kind}/`));
}
