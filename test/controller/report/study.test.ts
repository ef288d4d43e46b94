import { readFileSync } from 'node:fs';
import test from 'ava';
import { chartLibrary } from '../../../controller/report/chart-library.ts';
import { studyHtml } from '../../../controller/report/study-html.ts';
import { studyReportOf } from '../../../controller/report/study-report.ts';
import { studyText } from '../../../controller/report/study-text.ts';
import { studyNotes, studyTable } from '../../../controller/report/study-words.ts';
import { sweepsCsv } from '../../../controller/report/sweep-csv.ts';
import { violations } from './json-schema.ts';
import { drawn, scriptsOf, unclosed } from './page.ts';
import { cpuSweep, type MadeSweep, memorySweep, spec, sweepOf } from './sweep-fixture.ts';
import { cpuTraining, inferenceSweep, named, study, trainingSweep } from './training-fixture.ts';

const schemaOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../docs/schema/${name}.schema.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
const on = ({ sweep, rows }: MadeSweep, device: string): MadeSweep => ({ sweep: { ...sweep, spec: { ...sweep.spec, device } }, rows });
const report = studyReportOf(study());
const page = studyHtml(report);

test('a model is one line, with its training and its inference', (t) => {
  t.deepEqual(
    report.lines.map(({ name, train, infer }) => [name, train?.sweep, infer?.sweep]),
    [
      ['mlp1d', 0, 1],
      ['cnn1d', 2, 3],
    ],
  );
  t.is(report.study, 'st1');
  const mlp = report.lines[0]!;
  t.like(mlp.train, { smallest: { value: 192, repeats: 3 }, failedBelow: { value: 160 }, timeAtLargest: { value: 320 } });
  t.is(mlp.infer!.accuracy, null);
});

test('the table says what holds, what failed below, and what nobody knows', (t) => {
  const { head, rows } = studyTable(report);
  t.deepEqual(
    head.map(({ title }) => title),
    ['model', 'trains with', 'infers with', 's/epoch', 'p50 ms', 'peak MiB, training', 'peak MiB, inference', 'right %'],
  );
  t.deepEqual(
    rows.map((row) => row.slice(0, 3)),
    [
      ['mlp1d', '192 MiB (160 failed)', '96 MiB (64 failed)'],
      ['cnn1d', '> 320 MiB: none held', '≤ 64 MiB: nothing smaller was tried'],
    ],
  );
  t.deepEqual([rows[0]![7], rows[1]![3], rows[1]![7]], ['94.8', '–', '–']);
});

test('what was stopped is not said to be the edge', (t) => {
  const { sweep, rows } = trainingSweep('mlp1d', 192);
  const words = (tried: (value: number, repeat: number) => boolean): string =>
    studyTable(studyReportOf([{ sweep, rows: rows.map((row) => (tried(row.value, row.repeat) ? row : { ...row, record: undefined })) }]))
      .rows[0]![1]!;
  t.is(
    words(() => false),
    'unknown',
  );
  t.is(
    words((value) => value === 320),
    '≤ 320 MiB: nothing smaller is known',
  );
  t.is(
    words((value) => value === 320 || value === 64),
    '320 MiB (64 failed, between unknown)',
  );
  t.is(
    words((value) => value === 64),
    '> 64 MiB, above it unknown',
  );
  t.is(
    words((_, repeat) => repeat === 1),
    '> 160 MiB, above it unknown, so far 192 MiB',
  );
});

test('a study is as its schema says, and each of its sweeps as that of sweeps', (t) => {
  for (const each of [report, studyReportOf([cpuSweep(), cpuTraining('resnet')]), studyReportOf([memorySweep()])]) {
    const printed = JSON.parse(JSON.stringify(each)) as { sweeps: unknown[] };
    t.deepEqual(violations(printed, schemaOf('study')), []);
    for (const sweep of printed.sweeps) t.deepEqual(violations(sweep, schemaOf('sweep')), []);
  }
  t.not(violations({ ...report, lines: [{}] }, schemaOf('study')).length, 0);
});

test('CSV has the rows of all sweeps under one header', (t) => {
  const lines = sweepsCsv(report.sweeps).trimEnd().split('\n');
  t.is(lines.length, 1 + 4 * 27);
  t.is(lines.filter((line) => line.startsWith('sweep,')).length, 1);
  t.deepEqual(
    [...new Set(lines.slice(1).map((line) => line.split(',').slice(0, 4).join()))],
    ['st1-1,mlp1d,st1,train', 'st1-2,mlp1d,st1,infer', 'st1-3,cnn1d,st1,train', 'st1-4,cnn1d,st1,infer'],
  );
});

test('sweeps of different limits are refused; different devices are said', (t) => {
  t.throws(() => studyReportOf([memorySweep(), { ...cpuSweep(), sweep: { ...cpuSweep().sweep, sweep: 'c1' } }]), {
    code: 'usage',
    message: 'sweeps of different limits have no axis in common: s20260921 changes memory, c1 changes CPU',
  } as object);
  const two = studyReportOf([
    on(named(inferenceSweep('mlp1d', 96), 'a', 0), 'pi1'),
    on(named(inferenceSweep('mlp1d', 128), 'b', 1), 'pi2'),
  ]);
  t.deepEqual(
    two.lines.map(({ name }) => name),
    ['mlp1d, pi1', 'mlp1d, pi2'],
  );
  t.regex(studyNotes(two)[0]!, /^measured on different devices \(pi1, pi2\)/);
  const begun = studyReportOf([on(trainingSweep('mlp1d', 96), 'pi1'), on(named(inferenceSweep('mlp1d', 96), 'b', 1), '')]);
  t.deepEqual([begun.devices, begun.lines.length], [['pi1'], 1], 'a sweep that never began has no device');
});

test('twice the same is two lines; variants are lines', (t) => {
  const twice = studyReportOf([
    named(trainingSweep('mlp1d', 96), 'a', 0),
    named(trainingSweep('mlp1d', 96), 'b', 1),
    named(inferenceSweep('mlp1d', 96), 'c', 2),
  ]);
  t.deepEqual(
    twice.lines.map(({ name, train, infer }) => [name, train?.sweep, infer?.sweep]),
    [
      ['mlp1d', 0, 2],
      ['mlp1d, sweep b', 1, undefined],
    ],
  );
  t.is(twice.study, null);
  const { lines } = studyReportOf([memorySweep()]);
  t.deepEqual(
    lines.map(({ name }) => name),
    ['resnet, warm cache', 'resnet, cold cache'],
  );
});

test('notes: what was not trained, not finished, not measured', (t) => {
  const untrained = { ...spec.workload, model: 'mlp1d' } as typeof spec.workload;
  const stopped = named(
    sweepOf({ workload: untrained, variants: [spec.variants[0]!] }, [64], 1, () => undefined),
    'b',
    1,
  );
  const notes = studyNotes(
    studyReportOf([
      trainingSweep('mlp1d', 96),
      { ...stopped, sweep: { ...stopped.sweep, status: 'failed', error: 'gone' } },
      named(trainingSweep('cnn1d', 96), 'c', 2),
    ]),
  );
  t.deepEqual(notes, [
    'not of a trained model, but as it is: inference of mlp1d (b)',
    'inference of mlp1d (b): failed, gone',
    'cnn1d: no inference was measured',
  ]);
  t.deepEqual(studyNotes(report), ['inference is that of the best model of each training']);
});

test('in the terminal a study is its table', (t) => {
  const text = studyText(report, 160);
  t.regex(text, /^mlp1d, cnn1d: memory from 64 to 320 MiB on pi1 {2}study st1\n/);
  t.regex(text, /\nMODEL +TRAINS WITH +INFERS WITH +S\/EPOCH/);
  t.regex(text, /\nmlp1d +192 MiB \(160 failed\) +96 MiB \(64 failed\) /);
  t.true(text.split('\n').every((line) => [...line].length <= 160));
});

test('the page carries everything itself, and its markup is closed', (t) => {
  const own = page.replace(chartLibrary(), '');
  t.false(/https?:|\bsrc=|\bhref=|@import|\burl\(|\bimport\b|\bfetch\b/.test(own));
  t.regex(page, /Content-Security-Policy" content="default-src 'none'/);
  t.deepEqual(unclosed(page), []);
  t.is(scriptsOf(page).length, 3);
});

test('every row is in every plot of its mode, as a line or a mark of its model', (t) => {
  const { configs } = drawn(page);
  t.deepEqual([...configs.keys()].toSorted(), [
    'plot-infer-peakMemoryBytes',
    'plot-infer-samplesPerS',
    'plot-infer-timeMs',
    'plot-minimum',
    'plot-train-accuracy',
    'plot-train-peakMemoryBytes',
    'plot-train-samplesPerS',
    'plot-train-timeMs',
  ]);
  const places = (mode: string): number[] =>
    report.sweeps.flatMap((sweep, at) => (sweep.mode === mode ? sweep.rows.map((_, row) => 27 * at + row) : []));
  for (const [id, { data }] of configs) {
    if (id === 'plot-minimum') continue;
    const shown = new Set(data.datasets.flatMap((set) => set.data.flatMap(({ row }) => row ?? [])));
    t.deepEqual(
      [...shown].toSorted((a, b) => a - b),
      places(id.split('-')[1]!),
      id,
    );
  }
  const named = configs.get('plot-train-timeMs')!.data.datasets.filter(({ label }) => label === 'mlp1d' || label === 'cnn1d');
  t.is(new Set(named.map(({ borderColor }) => borderColor)).size, 2);
  const { rows } = JSON.parse(scriptsOf(page)[0]!) as { rows: { variant: number; label: string }[] };
  t.is(rows.length, 4 * 27);
  t.regex(rows[27]!.label, /^inference of mlp1d, 320 MiB, warm cache, repeat 1: ok, /);
  t.deepEqual([...new Set(rows.map(({ variant }) => variant))], [0, 1]);
});

test('the smallest that trains and that infers stand beside each other', (t) => {
  const { bars } = JSON.parse(scriptsOf(page)[0]!) as { bars: Record<string, unknown>[] };
  t.deepEqual(
    bars.map(({ name, held, failed, hollow }) => [name, held, failed, hollow]),
    [
      ['mlp1d trains', 192, 160, false],
      ['mlp1d infers', 96, 64, true],
      ['cnn1d trains', null, 320, false],
      ['cnn1d infers', 64, null, true],
    ],
  );
  t.deepEqual(
    drawn(page)
      .configs.get('plot-minimum')!
      .data.datasets.map(({ data }) => data.length),
    [3, 4],
  );
});

test('of CPU the knees are compared', (t) => {
  const cpu = studyReportOf([cpuTraining('resnet'), named(cpuSweep(), 'c', 1)]);
  const { head, rows } = studyTable(cpu);
  t.deepEqual(
    head.slice(1, 3).map(({ title }) => title),
    ['training: knee', 'inference: knee'],
  );
  t.regex(rows[0]![1]!, /^0\.\d cores \([\d.]+ s\)$/);
  t.regex(rows[0]![2]!, /^0\.4 cores \(8\d\.\d ms\)$/);
  const { configs } = drawn(studyHtml(cpu));
  t.is(configs.get('plot-minimum')!.data.datasets[1]!.data.length, 2);
  t.true(configs.get('plot-train-timeMs')!.data.datasets.some(({ label }) => label === 'knee'));
});

test('names of others are no markup', (t) => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"';
  const made = studyHtml(studyReportOf([trainingSweep(evil, 96), named(inferenceSweep(evil, 96), 'b', 1)]));
  t.is(scriptsOf(made).length, 3);
  t.false(made.includes('<img'));
});
