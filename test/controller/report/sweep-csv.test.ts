import test from 'ava';
import { sweepsCsv } from '../../../controller/report/sweep-csv.ts';
import { sweepReportOf } from '../../../controller/report/sweep-report.ts';
import { useNames } from '../../../mesh/bench/use.ts';
import { memorySweep, recordOf, spec, sweepOf } from './sweep-fixture.ts';

/** As RFC 4180 has it. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const tableOf = (text: string): Record<string, string>[] => {
  const [head, ...rows] = parsed(text);
  return rows.map((row) => Object.fromEntries(head!.map((title, index) => [title, row[index]!])));
};

test('one line for each row, as many cells in each, all titles different', (t) => {
  const { sweep, rows } = memorySweep();
  const lines = parsed(sweepsCsv([sweepReportOf(sweep, rows)]));
  t.is(lines.length, rows.length + 1);
  t.true(lines.every((line) => line.length === lines[0]!.length));
  t.is(new Set(lines[0]).size, lines[0]!.length);
  for (const name of useNames) t.true(lines[0]!.includes(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)), name);
});

test('what is not known is empty, what was measured is there, outcomes are told apart', (t) => {
  const { sweep, rows } = memorySweep();
  const table = tableOf(sweepsCsv([sweepReportOf(sweep, rows)]));
  t.like(table[0], {
    row: '0',
    value: '1024',
    unit: 'MiB',
    page_cache: 'warm',
    outcome: 'ok',
    energy_j: '',
    kernel: '6.6.31-rpi',
    swap_bytes: '',
  });
  t.is(table[0]!.time_ms, String(rows[0]!.record!.load!.latencyMs!.percentiles[50]));
  t.is(table[0]!.set_memory_limit_bytes, String(1024 * 2 ** 20));
  const of = (outcome: string) => table.filter((row) => row.outcome === outcome);
  t.is(of('not-tried').length, 6);
  t.true(of('not-tried').every(({ started_ms, kernel, time_ms }) => started_ms === '' && kernel === '' && time_ms === ''));
  t.true(
    of('out-of-memory').every(
      ({ oom_kills, time_ms, peak_memory_bytes }) => oom_kills === '1' && time_ms === '' && peak_memory_bytes !== '',
    ),
  );
  t.is(of('thrashing')[0]!.oom_kills, '0', 'measured, and none: not the same as unknown');
});

test('commas, quotes and line breaks stay what they are', (t) => {
  const words = ['terminate: "x,\ny"\r\nend', 'say "x"', 'one\ntwo', 'one\rtwo', 'a,b', '"', ''];
  const { sweep, rows } = sweepOf({ variants: [spec.variants[0]!] }, [64], words.length, ({ row }) => ({
    ...recordOf({ outcome: { kind: 'crashed', code: 1 } }),
    lastWords: words[row]!,
  }));
  const table = tableOf(sweepsCsv([sweepReportOf(sweep, rows)]));
  t.deepEqual(
    table.map((row) => row.last_words),
    words,
  );
  t.is(table[0]!.outcome_text, 'crashed (exit code 1)');
});
