/** The benchmark of histories, small: it runs, and says of every bar whether it is met. What it finds is checked in test/controller/history/. */
import { execFileSync } from 'node:child_process';
import test from 'ava';
import type { Report } from '../../bench/support/report.ts';

test('the benchmark of histories runs and reports every part', (t) => {
  const args = ['bench/history.ts', '--histories', '3', '--steps', '6', '--json'];
  const { rows, tables } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Report;
  t.is(rows.filter(({ bar }) => bar !== undefined).length, 6);
  for (const { what, value, bar } of rows) {
    t.true(value >= 0, what);
    if (bar !== undefined) t.true(value <= 100, what);
  }
  t.deepEqual(
    tables!.map(({ lines }) => lines.length),
    [10, 16, 27],
  );
});
