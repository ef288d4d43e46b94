/**
 * What a sweep found, in sentences:
 *
 *     smallest   warm cache: infers with 256 MiB (all 5 repeats ok), not with 192 MiB (4 ok, 1 timed out).
 *     swap       warm cache, 256 MiB of swap: infers with it only at 128 MiB (without: 5 out of memory); median time with ÷ without: 1.5 × at 256 MiB.
 */
import { OUTLIERS_FROM } from '../statistics/outliers.ts';
import { bytes, threeDigits } from '../text/format.ts';
import { accuracyFindings } from './accuracy-findings.ts';
import type { SweepReport } from './sweep-report.ts';
import {
  cacheText,
  countsText,
  doing,
  type Finding,
  figureText,
  limitNames,
  placeText,
  shownAs,
  valueText,
  variantText,
} from './sweep-words.ts';

type VariantReport = SweepReport['summary']['variants'][number];
type SwapReport = SweepReport['summary']['swap'][number];

/** Of values in a row, and of outliers; the tables have all. */
const LISTED_MAX = 6;

export function findingsOf(report: SweepReport): Finding[] {
  const { summary } = report;
  return [
    ...summary.variants.map((variant, index) => ({
      title: 'smallest',
      text: `${variantText(report, index)}: ${smallest(report, variant)}`,
    })),
    ...summary.variants.flatMap((variant, index) => peak(report, variant, index)),
    ...summary.variants.flatMap((variant, index) => knee(report, variant, index)),
    ...accuracyFindings(report),
    ...summary.swap.map((swap) => ({ title: 'swap', text: swapText(report, swap) })),
    { title: 'rows', text: `${report.rows.length}: ${countsText(summary.outcomes)}` },
    ...outliers(report),
    ...state(report),
  ];
}

function smallest(report: SweepReport, { smallest: held, soFar, failedBelow, failedAbove, unknownBetween }: VariantReport): string {
  const verb = doing[report.mode];
  const at = (value: number): string => valueText(report, value);
  const repeats = held === null ? '' : held.repeats === 1 ? 'its only run was ok' : `all ${held.repeats} repeats ok`;
  const unknown = unknownBetween.filter((value) => soFar === null || value < soFar.value);
  const parts = [
    held === null ? `no ${limitNames[report.limit]} limit with which all repeats were ok` : `${verb} with ${at(held.value)} (${repeats})`,
    ...(soFar === null ? [] : [`so far with ${at(soFar.value)} (${countsText(soFar.outcomes)})`]),
    ...(failedBelow === null
      ? [held === null ? 'none that failed either' : 'nothing smaller failed']
      : [`not with ${at(failedBelow.value)} (${countsText(failedBelow.outcomes)})`]),
    ...(unknown.length === 0 ? [] : [`not known: ${listed(unknown.map(at))}`]),
    ...failedAbove.map(({ value, outcomes }) => `though it is more, ${at(value)} failed, too (${countsText(outcomes)})`),
  ];
  return `${parts.join('; ')}.`;
}

function peak(report: SweepReport, { peakAtLargest }: VariantReport, index: number): Finding[] {
  if (peakAtLargest === null) return [];
  const { value, bytes: used, unreclaimableBytes: kept } = peakAtLargest;
  const ofThat = kept === null ? '' : `; ${bytes(kept)} could not be given back`;
  return [
    {
      title: 'peak',
      text: `${variantText(report, index)}: with ${valueText(report, value)} it used ${bytes(used)}, page cache included${ofThat}.`,
    },
  ];
}

function knee(report: SweepReport, variant: VariantReport, index: number): Finding[] {
  if (report.limit !== 'cpu') return [];
  const name = variantText(report, index);
  if (variant.knee === null) return [{ title: 'knee', text: `${name}: none; the curve has no bend that stands out, or too few points.` }];
  const times = report.points.filter((point) => point.variant === index && point.figures.timeMs !== null);
  const said = (at: (typeof times)[number] | undefined): string =>
    at === undefined ? 'unknown' : `${figureText(report, 'timeMs', at.figures.timeMs!.median)} with ${valueText(report, at.value)}`;
  const bend = times.find(({ value }) => value === variant.knee);
  return [
    { title: 'knee', text: `${name}: time falls steeply from ${said(times[0])} to ${said(bend)}, then slowly to ${said(times.at(-1))}.` },
  ];
}

function swapText(report: SweepReport, { pageCache, swapBytes, values }: SwapReport): string {
  const at = (value: number): string => valueText(report, value);
  const onlyWith = values.filter((each) => allOk(each.with) && failedAll(each.without));
  const onlyWithout = values.filter((each) => allOk(each.without) && failedAll(each.with));
  const gained = onlyWith.map(({ value, without }) => `${at(value)} (without: ${countsText(without)})`);
  const lost = onlyWithout.map(({ value, with: counts }) => `${at(value)} (with: ${countsText(counts)})`);
  const ratios = values.flatMap(({ value, timeRatio }) => (timeRatio === null ? [] : [`${threeDigits(timeRatio)} × at ${at(value)}`]));
  const parts = [
    ...(gained.length === 0 ? [] : [`${doing[report.mode]} only with it at ${listed(gained)}`]),
    ...(lost.length === 0 ? [] : [`${doing[report.mode]} only without it at ${listed(lost)}`]),
    ratios.length === 0 ? 'no limit was ok both with and without it' : `median time with ÷ without: ${listed(ratios)}`,
  ];
  return `${cacheText(pageCache)}, ${bytes(swapBytes)} against none: ${parts.join('; ')}.`;
}

type Counts = SwapReport['values'][number]['with'];

function allOk(counts: Counts): boolean {
  return counts.ok > 0 && total(counts) === counts.ok;
}

/** And something was tried: refused and cancelled say nothing. */
function failedAll(counts: Counts): boolean {
  return counts.ok === 0 && total(counts) > counts['not-tried'] + counts.refused + counts.cancelled;
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function outliers(report: SweepReport): Finding[] {
  const found = report.rows.filter(({ outlierIn }) => outlierIn.length > 0);
  if (found.length === 0) {
    const enough = report.points.some(({ outcomes }) => outcomes.ok >= OUTLIERS_FROM);
    return [{ title: 'outliers', text: enough ? 'none.' : `not looked for: that takes ${OUTLIERS_FROM} repeats that are ok.` }];
  }
  const each = found.map((row) => {
    const what = row.outlierIn.map((figure) => `${shownAs(report, figure).title} ${figureText(report, figure, row.figures[figure])}`);
    return `${placeText(report, row)} (${what.join(', ')})`;
  });
  return [{ title: 'outliers', text: `${found.length}, marked, and counted in all means and bands: ${listed(each, '; ')}.` }];
}

function state({ status, error }: SweepReport): Finding[] {
  if (status === 'done') return [];
  const why = status === 'unfinished' ? 'it still goes on, or its controller was killed' : error;
  return [{ title: 'status', text: `${status}${why === null ? '' : `: ${why}`}` }];
}

function listed(texts: readonly string[], separator = ', '): string {
  const shown = texts.slice(0, LISTED_MAX).join(separator);
  return texts.length > LISTED_MAX ? `${shown}${separator}and ${texts.length - LISTED_MAX} more` : shown;
}
