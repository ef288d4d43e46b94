import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { rowOutcomes } from '../../../controller/bench/row-figures.ts';
import type { SweepRow } from '../../../controller/bench/sweep.ts';
import { findingsOf } from '../../../controller/report/sweep-findings.ts';
import { sweepReportOf } from '../../../controller/report/sweep-report.ts';
import { sweepRowsText, sweepSummaryText } from '../../../controller/report/sweep-text.ts';
import { record } from '../../mesh/bench/arbitraries.ts';
import { violations } from './json-schema.ts';
import { cpuSweep, type MadeSweep, memorySweep, recordOf, spec, sweepOf } from './sweep-fixture.ts';

const MIB = 2 ** 20;
const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/sweep.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const reportOf = ({ sweep, rows }: MadeSweep) => sweepReportOf(sweep, rows);
/** As it is printed. */
const printed = (made: MadeSweep): unknown => JSON.parse(JSON.stringify(reportOf(made)));
const said = (made: MadeSweep, title: string): string[] =>
  findingsOf(reportOf(made)).flatMap((finding) => (finding.title === title ? [finding.text] : []));
const swapped = [spec.variants[0]!, { pageCache: 'warm' as const, swapBytes: 256 * MIB }];

test('a report is as its schema says, of whatever was measured', (t) => {
  for (const made of [memorySweep(), cpuSweep(), memorySweep(swapped)]) t.deepEqual(violations(printed(made), schema), []);
  t.deepEqual(violations(printed({ ...memorySweep(), rows: [] }), schema), []);
  fc.assert(
    fc.property(fc.array(fc.option(record, { nil: undefined }), { maxLength: 6 }), (records) => {
      const rows = records.map(
        (each, row): SweepRow => ({ row, value: 64 * (row % 3), variant: spec.variants[0]!, repeat: 1, record: each }),
      );
      t.deepEqual(violations(printed({ sweep: memorySweep().sweep, rows }), schema), []);
    }),
    { numRuns: 40 },
  );
});

test('the schema is not satisfied by anything else', (t) => {
  const report = printed(cpuSweep()) as Record<string, unknown>;
  t.not(violations({ ...report, extra: 1 }, schema).length, 0);
  t.not(violations({ ...report, rows: [{}] }, schema).length, 0);
  const { points: _, ...without } = report;
  t.deepEqual(violations(without, schema), ['$: "points" is missing']);
});

test('every row is there, whatever came of it, and none looks like another', (t) => {
  const made = memorySweep();
  const { rows, summary } = reportOf(made);
  t.is(rows.length, made.rows.length);
  for (const kind of rowOutcomes) t.is(rows.filter(({ outcome }) => outcome === kind).length, summary.outcomes[kind], kind);
  t.is(rows.filter(({ record: kept }) => kept === null).length, summary.outcomes['not-tried']);
  t.true(rows.filter(({ outcome }) => outcome === 'not-tried').every(({ outcomeText }) => outcomeText === 'not tried'));
  t.is(rows.find(({ outcome }) => outcome === 'refused')?.outcomeText, 'refused: the device is too hot: 84 °C');
  t.is(rows.find(({ outcome }) => outcome === 'crashed')?.outcomeText, 'crashed (SIGSEGV)');
});

test('a point has the band of the repeats that were ok, outliers included', (t) => {
  const [a, b, c] = [recordOf({ timeMs: 10 }), recordOf({ timeMs: 30 }), recordOf({ timeMs: 20, outcome: { kind: 'timed-out' } })];
  const { points } = reportOf(sweepOf({ variants: [spec.variants[0]!] }, [64], 3, ({ repeat }) => [a, b, c][repeat - 1]));
  t.is(points.length, 1);
  t.like(points[0]!.figures.timeMs, { n: 2, median: 20, mean: 20 });
  // t of one degree of freedom, 6.314, × s ÷ √2, which is 10
  t.is(points[0]!.figures.timeMs?.high?.toFixed(1), '83.1');
  t.is(points[0]!.figures.peakMemoryBytes, null);
  const slow = [20, 21, 20, 21, 60].map((timeMs) => recordOf({ timeMs }));
  const marked = reportOf(sweepOf({ variants: [spec.variants[0]!] }, [64], 5, ({ repeat }) => slow[repeat - 1]));
  t.like(marked.points[0]!.figures.timeMs, { n: 5, mean: 28.4 });
  t.deepEqual(
    marked.rows.map(({ outlierIn }) => outlierIn.length),
    [0, 0, 0, 0, 2],
  );
});

test('what was found is said in sentences', (t) => {
  const memory = memorySweep();
  t.deepEqual(said(memory, 'smallest'), [
    'warm cache: infers with 256 MiB (all 5 repeats ok); not with 192 MiB (4 ok, 1 timed out).',
    'cold cache: infers with 256 MiB (all 5 repeats ok); not with 192 MiB (5 thrashing).',
  ]);
  t.regex(said(memory, 'outliers')[0]!, /^2, marked, and counted in all means and bands: 640 MiB, warm cache, repeat 3 \(time 39\.4 ms/);
  t.deepEqual(said(memory, 'rows'), ['180: 133 ok, 28 out of memory, 10 thrashing, 1 timed out, 1 crashed, 1 refused, 6 not tried']);
  t.regex(
    said(cpuSweep(), 'knee')[0]!,
    /time falls steeply from 31\d ms with 0\.1 cores to 8\d\.\d ms with 0\.4 cores, then slowly to 2\d\.\d ms with 2 cores/,
  );
  t.deepEqual(said(cpuSweep(), 'outliers'), ['not looked for: that takes 5 repeats that are ok.']);
  t.deepEqual(said(memory, 'knee'), []);
  t.deepEqual(said(memory, 'status'), []);
});

test('swap: what it makes possible and what it costs', (t) => {
  const without = (value: number) => (value === 128 ? recordOf({ outcome: { kind: 'out-of-memory' } }) : recordOf({ timeMs: 20 }));
  const made = sweepOf({ variants: swapped }, [128, 256], 2, ({ value, variant }) =>
    variant.swapBytes === undefined ? without(value) : recordOf({ timeMs: 30 }),
  );
  t.deepEqual(said(made, 'swap'), [
    'warm cache, 256 MiB against none: infers only with it at 128 MiB (without: 2 out of memory); median time with ÷ without: 1.50 × at 256 MiB.',
  ]);
  const half = sweepOf({ variants: swapped }, [128], 2, ({ variant, repeat }) =>
    variant.swapBytes === undefined ? undefined : repeat === 1 ? recordOf({ timeMs: 30 }) : recordOf({ outcome: { kind: 'thrashing' } }),
  );
  t.deepEqual(said(half, 'swap'), ['warm cache, 256 MiB against none: no limit was ok both with and without it.']);
});

test('a sweep that was stopped says so, and what is known so far', (t) => {
  const { sweep, rows } = cpuSweep();
  const stopped = {
    sweep: { ...sweep, status: 'failed' as const, error: 'the device is gone' },
    rows: rows.map((row) => (row.repeat === 3 ? { ...row, record: undefined } : row)),
  };
  t.deepEqual(said(stopped, 'status'), ['failed: the device is gone']);
  t.regex(said(stopped, 'smallest')[0]!, /no CPU limit with which all repeats were ok; so far with 0\.1 cores \(2 ok, 1 not tried\)/);
  t.regex(said({ ...stopped, sweep: { ...sweep, status: 'unfinished' } }, 'status')[0]!, /it still goes on, or its controller was killed/);
  const nothing = { sweep, rows: rows.map((row) => ({ ...row, record: undefined })) };
  t.regex(sweepSummaryText(reportOf(nothing), 80), /rows +33: 33 not tried\n/);
});

test('the table has a line for each row and fits the terminal', (t) => {
  const report = reportOf(memorySweep());
  const lines = sweepRowsText(report, 100).split('\n');
  t.is(lines.length, report.rows.length + 2);
  t.true(lines.every((line) => [...line].length <= 100));
  t.is(lines.filter((line) => / not tried /.test(`${line} `)).length, 6);
  t.is(lines.filter((line) => / out of memory /.test(`${line} `)).length, 28);
  t.true(
    sweepSummaryText(report, 80)
      .split('\n')
      .every((line) => [...line].length <= 80),
  );
});
