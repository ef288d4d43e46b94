import { Script } from 'node:vm';
import test from 'ava';
import { chartLibrary } from '../../../controller/report/chart-library.ts';
import { taskHtml } from '../../../controller/report/task-html.ts';
import { type Subject, taskReportOf } from '../../../controller/report/task-report.ts';
import { drawn, scriptsOf, unclosed } from './page.ts';
import { killedRecord, nightly, okRecord, subjectOf } from './task-fixture.ts';
import { study } from './training-fixture.ts';

const pageOf = (...subjects: Subject[]): string => taskHtml(taskReportOf(subjects), subjects);
const page = pageOf(nightly);
const other = subjectOf([okRecord(40), okRecord(41)], { name: 'task-2', title: 'other' });
const ids = ['run-cpu', 'run-faults', 'run-memory', 'run-swap', 'run-throttled'];

test('the page carries everything itself, its scripts can be read, its markup is closed', (t) => {
  const own = page.replace(chartLibrary(), '');
  t.not(own, page);
  t.false(/https?:|\bsrc=|\bhref=|@import|\burl\(|\bimport\b|\bfetch\b/.test(own));
  for (const script of scriptsOf(page).slice(1)) t.notThrows(() => new Script(script));
  t.deepEqual(unclosed(page), []);
  t.deepEqual(unclosed(pageOf(nightly, other)), []);
});

test('every repeat is in the tables, with its outcome, a sign for it, and outliers marked', (t) => {
  t.regex(page, /<td>latency\.p50<\/td>.*<td class="n">◇ 31\.0<\/td><td class="n">19\.9<\/td><td class="n">✕ –<\/td>/);
  const runs = /aria-label="Runs">([\s\S]*?)<\/table>/.exec(page)![1]!;
  t.is(runs.match(/<td>● ok<\/td>/g)!.length, 6);
  t.regex(runs, /<tr class="out-of-memory"><td class="n">5<\/td><td>✕ out of memory<\/td><td>pi1<\/td>/);
  t.regex(page, /<pre>Killed<\/pre>/);
});

test('the course of each run is drawn, with its limit; the reader chooses one', (t) => {
  const { configs, change } = drawn(page);
  t.deepEqual([...configs.keys()].toSorted(), ids);
  const labels = (id: string) => configs.get(id)!.data.datasets.map(({ label }) => label);
  t.deepEqual(labels('run-memory'), [
    ...['repeat 1', 'repeat 2', 'repeat 3', 'repeat 4', 'repeat 5, out of memory', 'repeat 6', 'repeat 7', 'limit, 256 MiB'],
  ]);
  t.deepEqual(labels('run-cpu').at(-1), 'limit, 1 cores');
  const throttled = configs.get('run-throttled')!.data.datasets[0]!.data.map(({ y }) => y);
  // 30 ms of each 100, in which it ran for 80 to 100.
  t.deepEqual([...new Set(throttled.slice(5).map((share) => Math.round(share)))], [25]);
  change('course', '5');
  t.deepEqual(labels('run-memory'), ['repeat 5, out of memory', 'all, with page cache', 'limit, 256 MiB']);
});

test('CPU is the rate between samples', (t) => {
  const samples = [1, 2, 3].map((at) => ({ ...okRecord(1).series[0]!, atMs: 100 * at, cpuMs: at === 3 ? 150 : 50 * at }));
  const { configs } = drawn(pageOf(subjectOf([{ ...okRecord(1), series: samples }])));
  t.deepEqual(
    configs.get('run-cpu')!.data.datasets[0]!.data.map(({ y }) => y),
    [0.5, 0.5, 0.5],
  );
});

test('several are beside each other, one colour and one dash for each', (t) => {
  const text = pageOf(nightly, other);
  t.regex(text, /<h2>Beside each other<\/h2>/);
  t.regex(
    text,
    /<td>latency\.p50<\/td><td>ms<\/td><td>↓ lower<\/td><td class="n">20\.1<\/td><td class="n">40\.5<\/td><td class="n">\+102 %<\/td>/,
  );
  const sets = drawn(text).configs.get('run-memory')!.data.datasets as unknown as {
    borderColor: string;
    borderDash: number[];
    legendText?: string;
  }[];
  const looks = sets.slice(0, 9).map(({ borderColor, borderDash }) => `${borderColor} ${borderDash.join(' ')}`);
  t.is(new Set(looks).size, 2);
  t.deepEqual(
    sets.flatMap(({ legendText }) => legendText ?? []),
    ['resnet nightly', 'other'],
  );
});

test('of training the epochs are drawn and in a table', (t) => {
  const records = study()
    .flatMap(({ rows }) => rows)
    .flatMap(({ record }) => (record?.outcome.kind === 'ok' && record.training !== undefined ? [record] : []))
    .slice(0, 2);
  const text = pageOf(subjectOf(records));
  t.true([...drawn(text).configs.keys()].some((id) => id.startsWith('curve-')));
  t.regex(text, /<summary>Every epoch<\/summary>/);
});

test('a task of which nothing was measured has its page, too', (t) => {
  for (const subject of [subjectOf([]), subjectOf([undefined]), subjectOf([{ ...killedRecord(), series: [] }])]) {
    const text = pageOf(subject);
    t.notThrows(() => drawn(text));
    t.deepEqual(unclosed(text), []);
    t.regex(text, /No run left a series of samples\./);
  }
});

test('nothing of what others wrote is markup or code', (t) => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"';
  const record = { ...killedRecord(evil), warnings: [evil], phases: [{ name: evil, startMs: 0, endMs: 5 }] };
  const task = { ...nightly.task!, error: evil, status: 'failed' as const };
  const text = pageOf(subjectOf([record], { title: evil, task }), other);
  t.is(scriptsOf(text).length, 3);
  t.false(text.includes('<img'));
  t.notThrows(() => drawn(text));
});
