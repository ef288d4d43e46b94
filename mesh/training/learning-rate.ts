/**
 * The learning rate of each epoch.
 *
 *     fix      ────────────        exp      η · γ^epoch
 *     step     ──┐__┐______        η · γ^(how many of the steps are behind)
 *     stepLR   ──┐__┐__┐__┐        η · γ^⌊epoch / every⌋
 */

export const schedules = ['fix', 'exp', 'step', 'stepLR'] as const;

export type LearningRateSchedule =
  | { readonly kind: 'fix' }
  | { readonly kind: 'exp'; readonly gamma: number }
  /** Epochs, counted from 0, from which it is smaller. */
  | { readonly kind: 'step'; readonly gamma: number; readonly steps: readonly number[] }
  | { readonly kind: 'stepLR'; readonly gamma: number; readonly every: number };

/** `epoch`: counted from 0. */
export function learningRateAt(base: number, schedule: LearningRateSchedule, epoch: number): number {
  switch (schedule.kind) {
    case 'fix':
      return base;
    case 'exp':
      return base * schedule.gamma ** epoch;
    case 'step':
      return base * schedule.gamma ** schedule.steps.filter((step) => step <= epoch).length;
    case 'stepLR':
      return base * schedule.gamma ** Math.floor(epoch / schedule.every);
  }
}
