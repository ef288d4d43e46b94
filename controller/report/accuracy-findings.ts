/**
 * What a sweep of training found besides limits and times, in sentences: how good it became, whether that was the same in all rows, where its time went.
 *
 *     best       97.5 % of the validation right, loss 0.08 (epoch 8 of classify); the same in all 15 rows that were ok.
 *     time       with 320 MiB an epoch took 1.21 s: steps 82 %, batches 9 %, validation 6 %, checkpoint 3 %; loading took 0.24 s, once.
 */
import { epochPhases } from '../bench/training-phases.ts';
import { duration, percent, threeDigits } from '../text/format.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { type Finding, figureText, phaseNames, placeText, valueText, variantText } from './sweep-words.ts';
import { rightText } from './training-text.ts';

/** Empty for a sweep of inference. */
export function accuracyFindings(report: SweepReport): Finding[] {
  if (report.mode !== 'train') return [];
  const told = report.rows.filter(({ outcome, figures }) => outcome === 'ok' && figures.accuracy !== null);
  if (told.length === 0) return [{ title: 'best', text: 'no row was ok and told how good it became.' }, ...timeFindings(report)];
  const ordered = told.toSorted((a, b) => b.figures.accuracy! - a.figures.accuracy! || lossOf(a) - lossOf(b));
  const [best, worst] = [ordered[0]!, ordered.at(-1)!];
  const same = best.figures.accuracy === worst.figures.accuracy;
  const among =
    told.length === 1 ? 'the only row that was ok' : same ? `the same in all ${told.length} rows that were ok` : placeText(report, best);
  return [
    { title: 'best', text: `${rightText(best.figures.accuracy!)} of the validation right, ${epochText(best)}; ${among}.` },
    ...(same ? [] : [{ title: 'accuracy', text: differing(report, told, best, worst) }]),
    ...timeFindings(report),
  ];
}

/** The same seed is the same parameters, the same order, the same Dropout: what is left is the order in which threads add numbers up. */
function differing(report: SweepReport, told: readonly RowReport[], best: RowReport, worst: RowReport): string {
  const threads = new Set(told.flatMap(({ record }) => record?.environment.intraOpThreads ?? []));
  const why = threads.size > 1 ? `; they computed with ${[...threads].toSorted((a, b) => a - b).join(', ')} threads` : '';
  const [most, least] = [best, worst].map(({ figures }) => rightText(figures.accuracy!));
  return `differs though the seed is the same: from ${least} (${placeText(report, worst)}) to ${most} (${placeText(report, best)})${why}.`;
}

function bestEpoch({ record }: RowReport) {
  const { epochs, bestEpoch: index } = record?.training ?? {};
  return index === undefined || index === null ? undefined : epochs?.[index];
}

function lossOf(row: RowReport): number {
  return bestEpoch(row)?.validation.loss ?? Number.POSITIVE_INFINITY;
}

function epochText(row: RowReport): string {
  const epoch = bestEpoch(row)!;
  return `loss ${threeDigits(epoch.validation.loss)} (epoch ${epoch.epoch} of ${epoch.stage})`;
}

/** Of each variant at the largest limit of which it is known. */
function timeFindings(report: SweepReport): Finding[] {
  return report.variants.flatMap((_, variant) => {
    const point = report.points.findLast((each) => each.variant === variant && each.phases !== null && each.figures.timeMs !== null);
    if (point === undefined) return [];
    const { phases, value, figures } = point;
    const parts = epochPhases.flatMap((name) => (phases![name] === null ? [] : [{ name: phaseNames[name], ms: phases![name] }]));
    const sum = parts.reduce((total, { ms }) => total + ms, 0);
    const shares = parts.toSorted((a, b) => b.ms - a.ms).map(({ name, ms }) => `${name} ${shareText(sum === 0 ? 0 : ms / sum)}`);
    const took = `with ${valueText(report, value)} an epoch took ${figureText(report, 'timeMs', figures.timeMs!.median)}`;
    return [
      {
        title: 'time',
        text: `${variantText(report, variant)}: ${took}: ${shares.join(', ')}; loading took ${duration(phases!.loadMs)}, once.`,
      },
    ];
  });
}

/** What is there and rounds to nothing is not nothing. */
function shareText(share: number): string {
  return share > 0 && share < 0.005 ? 'under 1 %' : percent(share);
}
