import { Script } from 'node:vm';
import test from 'ava';
import { chartLibrary } from '../../../controller/report/chart-library.ts';
import { historyHtml } from '../../../controller/report/history-html.ts';
import { type History, historyReportOf } from '../../../controller/report/history-report.ts';
import { historyOf, pointsOf, START_MS, series, stepped, taskOf } from './history-fixture.ts';
import { drawn, scriptsOf, unclosed } from './page.ts';

const pageOf = (history: History): string => historyHtml(historyReportOf(history));
const failed = taskOf(100, { status: 'failed', error: 'out of memory on pi1', startedMs: START_MS + 20 * 86_400_000 });
const alarm = {
  alarm: 'a',
  series,
  state: 'open',
  changedMs: 5,
  facts: JSON.stringify({ alarm: { kind: 'change-point', firstBad: 'task-0020' } }),
};
const whole = historyOf(pointsOf(stepped), { tasks: [failed], alarms: [alarm] });
const page = pageOf(whole);
const setOf = (text: string, label: string) =>
  drawn(text)
    .configs.get('series-0')!
    .data.datasets.find((set) => set.label === label);

test('the page carries everything itself, its scripts can be read, its markup is closed', (t) => {
  const own = page.replace(chartLibrary(), '');
  t.not(own, page);
  t.false(/https?:|\bsrc=|\bhref="(?!#)|@import|\burl\(|\bimport\b|\bfetch\b/.test(own));
  t.regex(page, /Content-Security-Policy" content="default-src 'none'/);
  for (const script of scriptsOf(page).slice(1)) t.notThrows(() => new Script(script));
  t.deepEqual(unclosed(page), []);
});

test('every run and repeat, levels, change points, alarms and tasks without a value are drawn', (t) => {
  t.is(setOf(page, 'median of its repeats')!.data.length, 40);
  t.is(setOf(page, 'each repeat')!.data.length, 200);
  const levels = setOf(page, 'level: median between change points')!.data.filter(({ y }) => !Number.isNaN(y));
  t.deepEqual(
    levels.map(({ x, y }) => [x, Math.round(y)]),
    [
      [0.5, 20],
      [20.5, 20],
      [20.5, 23],
      [40.5, 23],
    ],
  );
  t.deepEqual([...new Set(setOf(page, 'change point')!.data.map(({ x }) => x))], [20.5]);
  t.true(setOf(page, 'outlier')!.data.some(({ x, y }) => x === 10 && Math.round(y) === 30));
  t.deepEqual(
    setOf(page, 'alarm, open')!.data.map(({ x }) => x),
    [21],
  );
  t.deepEqual(
    setOf(page, 'task without a value')!.data.map(({ x }) => x),
    [20.5],
  );
  const shapes = ['outlier', 'alarm, open', 'task without a value'].map((label) => setOf(page, label)!.pointStyle);
  t.is(new Set(shapes).size, 3, 'a shape for each');
});

test('every run is in the table, newest first, with its marks', (t) => {
  const table = /aria-label="Every run: [^"]*">([\s\S]*?)<\/table>/.exec(page)![1]!;
  const rows = [...table.matchAll(/<tr><td class="n">(\d+)<\/td>(.*?)<\/tr>/g)];
  t.deepEqual(
    rows.map(([, number]) => Number(number)),
    Array.from({ length: 40 }, (_, index) => 40 - index),
  );
  t.regex(rows.find(([, number]) => number === '21')![2]!, /│ new level, × 1\.15, p \de-\d+; ▲ open: change point, since task-0020/);
  t.regex(rows.find(([, number]) => number === '10')![2]!, /◇ outlier/);
  t.true(page.includes('<td>failed</td><td>out of memory on pi1</td>'));
});

test('a series of few runs says so, and an empty history is no broken page', (t) => {
  t.regex(pageOf(historyOf(pointsOf([20, 21]))), /2 runs: change points are looked for from 6 on/);
  const empty = pageOf(historyOf([], { tasks: [failed] }));
  t.regex(empty, /No run has added to this history yet\./);
  t.notThrows(() => drawn(empty));
  t.deepEqual(unclosed(empty), []);
});

test('values that are all the same, or none of them a number to draw, have an axis', (t) => {
  for (const level of [0, 5, -3]) {
    const { min, max } = drawn(pageOf(historyOf(pointsOf(Array.from({ length: 8 }, () => level))))).configs.get('series-0')!.options.scales
      .y as {
      min: number;
      max: number;
    };
    t.true(Number.isFinite(min) && Number.isFinite(max) && min < max && min <= level && level <= max, String(level));
  }
});

test('nothing of what others wrote is markup or code', (t) => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"';
  const own = { ...series, benchmark: evil, device: evil, metric: evil };
  const points = pointsOf(stepped, { series: own, unit: evil });
  const text = pageOf(historyOf(points, { name: evil, benchmarks: [evil], tasks: [{ ...failed, benchmark: evil, error: evil }] }));
  t.is(scriptsOf(text).length, 3);
  t.false(text.includes('<img'));
  t.notThrows(() => drawn(text));
});

test('a thousand runs are a page of less than a megabyte', (t) => {
  const long = pageOf(historyOf(pointsOf(Array.from({ length: 1000 }, (_, index) => (index < 600 ? 20 : 22)))));
  t.true(long.length < 1e6, `${long.length}`);
  t.is(setOf(long, 'each repeat')!.data.length, 5000);
});
