/**
 * The smallest limits as bars, with all that is known of the edge in words: a bar alone would claim more than was tried.
 *
 *     ▇▇▇▇▇▇▇▇ ✕   192 MiB (160 failed)          ▇▇▇  ≤ 64 MiB: nothing smaller was tried          ✕  > 128 MiB: none held
 */
import type { SweepReport } from './sweep-report.ts';
import { valueText, variantText } from './sweep-words.ts';

export interface MinimumBar {
  readonly name: string;
  /** Of its colour. */
  readonly variant: number;
  /** null: there is none. */
  readonly held: number | null;
  readonly failed: number | null;
  readonly words: string;
  /** Drawn hollow: the other of two kinds. */
  readonly hollow: boolean;
}

export type Edge = Pick<SweepReport['summary']['variants'][number], 'smallest' | 'soFar' | 'failedBelow' | 'unknownBetween'>;

export function minimumBars(report: SweepReport): MinimumBar[] {
  return report.summary.variants.map((edge, variant) => ({
    ...{ name: variantText(report, variant), variant, hollow: false, words: edgeText(report, edge) },
    held: edge.smallest?.value ?? null,
    failed: edge.failedBelow?.value ?? null,
  }));
}

/** `192 MiB (160 failed)`. Of a value that held while nothing smaller failed, the edge is at or below it. */
export function edgeText(report: Pick<SweepReport, 'limit'>, { smallest, soFar, failedBelow, unknownBetween }: Edge): string {
  const at = (value: number): string => valueText(report, value);
  const hope = soFar === null ? '' : `, so far ${at(soFar.value)}`;
  if (smallest === null) {
    if (failedBelow === null) return `unknown${hope}`;
    return unknownBetween.length === 0 ? `> ${at(failedBelow.value)}: none held` : `> ${at(failedBelow.value)}, above it unknown${hope}`;
  }
  if (failedBelow === null)
    return `≤ ${at(smallest.value)}: nothing smaller ${unknownBetween.length === 0 ? 'was tried' : 'is known'}${hope}`;
  const between = unknownBetween.length === 0 ? '' : ', between unknown';
  return `${at(smallest.value)} (${failedBelow.value} failed${between})${hope}`;
}
