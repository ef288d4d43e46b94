/** How each outcome is drawn: a shape of its own in plots, the same as a character in tables. No two are told apart by colour alone. */
import type { RowOutcome } from '../bench/row-figures.ts';

export interface OutcomeMark {
  /** A point style of Chart.js. */
  readonly point: string;
  readonly sign: string;
  /** For a person, where the word alone does not say it. */
  readonly meaning: string;
}

export const outcomeMarks: Readonly<Record<RowOutcome, OutcomeMark>> = {
  ok: { point: 'circle', sign: '●', meaning: 'it ran to its end' },
  'out-of-memory': { point: 'crossRot', sign: '✕', meaning: 'the kernel killed it for want of memory' },
  thrashing: { point: 'triangle', sign: '▲', meaning: 'it hardly computed any more, because memory was taken from it again and again' },
  'timed-out': { point: 'rectRounded', sign: '▣', meaning: 'it took longer than its deadline' },
  crashed: { point: 'star', sign: '✱', meaning: 'its process ended by itself, with an error' },
  refused: { point: 'rect', sign: '■', meaning: 'the device did not begin it; says nothing about the limit' },
  cancelled: { point: 'dash', sign: '–', meaning: 'somebody stopped it; says nothing about the limit' },
  'not-tried': { point: 'circle', sign: '○', meaning: 'it was planned, and never began; says nothing about the limit' },
};

/** Around a measurement that lies far from the other repeats. */
export const OUTLIER_MARK = { point: 'rectRot', sign: '◇' } as const;
