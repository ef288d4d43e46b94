/** The codecs part of a run's report as a person reads it: one table per route that had a choice, then changes and shadow frames. */
import type { BreachReport, CodecOptionReport, CodecsReport, RouteCodecs } from '../codec/codec-report.ts';
import { bytes, milliseconds, percent, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';

const head: readonly Column[] = [
  { title: 'CODEC' },
  { title: 'RATIO', align: 'right' },
  { title: 'ENCODE', align: 'right' },
  { title: 'DECODE', align: 'right' },
  { title: 'LINK', align: 'right' },
  { title: 'PERIOD', align: 'right' },
  { title: 'MAX ERROR', align: 'right' },
  { title: 'TOP-1', align: 'right' },
  { title: '' },
];

/** Changes and breaches shown; the JSON report has all. */
const CHANGES_SHOWN = 6;
const BREACHES_SHOWN = 4;

/** Lines; empty when there was nothing to choose between. */
export function codecsText(report: CodecsReport, columns: number): string[] {
  const tables = report.routes.flatMap((route) => (route.options.length < 2 ? [] : ['', title(route), ...table(route, columns)]));
  return [...tables, ...(tables.length === 0 ? [] : ['']), ...changes(report, columns), ...shadows(report, columns)];
}

function title({ from, to, linkMBPerS, rawBytes }: RouteCodecs): string {
  const link = linkMBPerS === null ? 'speed of the link not measured' : `link ${threeDigits(linkMBPerS)} MB/s`;
  return `codecs ${from} → ${to}: ${rawBytes === null ? '' : `${bytes(rawBytes)} a frame, `}${link}`;
}

function table({ codec, options }: RouteCodecs, columns: number): string[] {
  const byRatio = [...options].sort((a, b) => b.ratio - a.ratio);
  const rows = byRatio.map((option) => [
    option.codec,
    percent(option.ratio),
    milliseconds(option.encodeMs),
    milliseconds(option.decodeMs ?? undefined),
    milliseconds(option.linkMs),
    milliseconds(option.periodMs),
    ...error(option),
    option.codec === codec ? '◀ used' : option.withinBudget ? '' : 'over budget',
  ]);
  return formatTable(head, rows, columns);
}

function error({ lossless, error: tally }: CodecOptionReport): [string, string] {
  if (lossless) return ['0', ''];
  if (tally === null) return ['–', '–'];
  return [largest(tally.maxAbs), percent(tally.sameTop1 / Math.max(1, tally.frames))];
}

function largest(maxAbs: number | null): string {
  return maxAbs === null ? 'not comparable' : maxAbs.toPrecision(2);
}

function changes({ changes: list }: CodecsReport, columns: number): string[] {
  const shown = list
    .slice(0, CHANGES_SHOWN)
    .flatMap(({ frame, from, to, was, now, why }) =>
      wrapped('codecs', `frame ${frame}: ${from} → ${to} from ${was} to ${now}: ${why}`, columns),
    );
  return [...shown, ...more(list.length - CHANGES_SHOWN, 'changes')];
}

function shadows({ budget, shadows: shadow }: CodecsReport, columns: number): string[] {
  if (budget === null) return [];
  const title = 'error budget';
  if (shadow === null) return wrapped(title, `${budget}: no codec that loses something pays and stays within it`, columns);
  const { every, compared, breaches } = shadow;
  const told =
    compared.frames === 0
      ? 'no frame was compared'
      : `${compared.frames} compared (1 in ${every}): max error ${largest(compared.maxAbs)}, top-1 same in ${percent(compared.sameTop1 / compared.frames)}`;
  const breachText = ({ frame, sinceFrame }: BreachReport): string =>
    `BREACH at frame ${frame}: codecs were tightened; frames after ${sinceFrame} up to the change may be outside, too`;
  return [
    ...wrapped(title, `${budget}; ${told}`, columns),
    ...breaches.slice(0, BREACHES_SHOWN).flatMap((breach) => wrapped('', breachText(breach), columns)),
    ...more(breaches.length - BREACHES_SHOWN, 'breaches'),
  ];
}

function more(count: number, what: string): string[] {
  return count > 0 ? wrapped('', `and ${count} more ${what}`, Number.POSITIVE_INFINITY) : [];
}
