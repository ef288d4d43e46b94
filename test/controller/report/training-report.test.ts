import { readFileSync } from 'node:fs';
import test from 'ava';
import { sweepsCsv } from '../../../controller/report/sweep-csv.ts';
import { findingsOf } from '../../../controller/report/sweep-findings.ts';
import { sweepHtml } from '../../../controller/report/sweep-html.ts';
import { methodOf } from '../../../controller/report/sweep-method.ts';
import { sweepReportOf } from '../../../controller/report/sweep-report.ts';
import { sweepRowsText } from '../../../controller/report/sweep-text.ts';
import { figureText, shownAs } from '../../../controller/report/sweep-words.ts';
import { violations } from './json-schema.ts';
import { drawn } from './page.ts';
import { type MadeSweep, recordOf, sweepOf } from './sweep-fixture.ts';
import { cpuTraining, oneVariant, trained, trainingSpec, trainingSweep } from './training-fixture.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/sweep.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const reportOf = ({ sweep, rows }: MadeSweep) => sweepReportOf(sweep, rows);
const pageOf = (made: MadeSweep): string => sweepHtml(reportOf(made), made.rows);
const said = (made: MadeSweep, title: string): string[] =>
  findingsOf(reportOf(made)).flatMap((finding) => (finding.title === title ? [finding.text] : []));
const sweep = trainingSweep('mlp1d', 192);
const workload = sweep.sweep.spec.workload;

test('a report of training is as its schema says', (t) => {
  for (const made of [sweep, cpuTraining('mlp1d'), trainingSweep('sae1d', 96, { middle: 2 }), { ...sweep, rows: [] }])
    t.deepEqual(violations(JSON.parse(JSON.stringify(reportOf(made))), schema), []);
  t.like(reportOf(sweep), { mode: 'train', load: null, seed: 3, threads: 2, training: { dataSet: 'synthetic-bearing', dataFolder: null } });
  const [point] = reportOf(sweep).points.filter(({ value }) => value === 320);
  t.is(point!.phases!.loadMs, 240);
  t.is(reportOf(sweep).points[0]!.phases, null, 'nothing was ok there');
});

test('what was found of a training is said in sentences', (t) => {
  t.deepEqual(said(sweep, 'smallest'), ['warm cache: trains with 192 MiB (all 3 repeats ok); not with 160 MiB (3 out of memory).']);
  t.deepEqual(said(sweep, 'best'), [
    '94.8 % of the validation right, loss 0.38 (epoch 4 of classify); the same in all 15 rows that were ok.',
  ]);
  t.deepEqual(said(sweep, 'accuracy'), []);
  t.regex(
    said(sweep, 'time')[0]!,
    /^warm cache: with 320 MiB an epoch took 1\.[23]\d s: steps 70 %, validation 15 %, batches 10 %, checkpoint 5 %; loading took 0\.24 s, once\.$/,
  );
  t.regex(said(cpuTraining('mlp1d'), 'knee')[0]!, /time falls steeply from 8\.30 s with 0\.1 cores to [\d.]+ s with 0\.\d cores/);
});

test('rows that are not equally good although the seed is the same are told', (t) => {
  const accuracies = [0.9, 0.95, 0.95];
  const made = sweepOf({ variants: oneVariant, workload }, [128], 3, ({ repeat }) =>
    trained({ epochMs: 100, accuracy: accuracies[repeat - 1]! }),
  );
  t.deepEqual(said(made, 'best'), ['95.0 % of the validation right, loss 0.38 (epoch 4 of classify); 128 MiB, warm cache, repeat 2.']);
  t.deepEqual(said(made, 'accuracy'), [
    'differs though the seed is the same: from 90.0 % (128 MiB, warm cache, repeat 1) to 95.0 % (128 MiB, warm cache, repeat 2).',
  ]);
  const none = sweepOf({ variants: oneVariant, workload }, [128], 1, () => recordOf({ outcome: { kind: 'timed-out' } }));
  t.deepEqual(said(none, 'best'), ['no row was ok and told how good it became.']);
});

test('time per epoch has the unit that fits it', (t) => {
  const short = reportOf(trainingSweep('mlp1d', 192, { epochMs: 80 }));
  t.like(shownAs(short, 'timeMs'), { title: 'time per epoch', unit: 'ms' });
  t.is(figureText(short, 'timeMs', 81.25), '81.3 ms');
  t.is(figureText(reportOf(sweep), 'timeMs', 1234), '1.23 s');
  t.is(figureText(short, 'samplesPerS', 500), '500 examples/s');
  t.is(figureText(short, 'accuracy', 0.9754), '97.5 %');
});

test('the method says with what and how it was trained', (t) => {
  const facts = new Map(methodOf(reportOf(sweep)));
  t.is(facts.get('optimizer'), 'Adam, β₁ 0.9, β₂ 0.999, weight decay 0.00001');
  t.is(facts.get('learning rate'), '0.001, the same in all epochs');
  t.is(facts.get('data set'), 'synthetic-bearing');
  t.is(facts.get('batch'), '64 examples');
  t.regex(facts.get('seed')!, /^3: every row begins with the same parameters/);
  t.false(facts.has('scenario'));
  const training = {
    ...trainingSpec,
    optimizer: { kind: 'sgd' },
    schedule: { kind: 'step', gamma: 0.1, steps: [3, 6] },
    augment: false,
  } as const;
  const other = new Map(methodOf(reportOf(sweepOf({ workload: { ...workload, training } as typeof workload }, [64], 1, () => undefined))));
  t.is(other.get('optimizer'), 'SGD, momentum 0, weight decay 0');
  t.is(other.get('learning rate'), '0.001, × 0.1 at the epochs 3, 6');
  t.is(other.get('augmentation'), 'none');
});

test('the table has the columns of training, and fits the terminal', (t) => {
  const lines = sweepRowsText(reportOf(sweep), 110).split('\n');
  t.regex(lines[0]!, /LIMIT .* OUTCOME .* S\/EPOCH +EXAMPLES\/S +RIGHT % +BEST LOSS +PEAK MIB/);
  t.regex(lines[1]!, /320 MiB .* ok +1\.\d\d +\d+ +94\.8 +0\.38 +230/);
  t.is(lines.length, sweep.rows.length + 2);
});

test('CSV has phases and accuracy, and nothing of what is not known', (t) => {
  const [head, first, ...rest] = sweepsCsv([reportOf(sweep)])
    .split('\n')
    .map((line) => line.split(','));
  const of = (line: readonly string[], title: string) => line[head!.indexOf(title)];
  t.like(
    ['mode', 'accuracy', 'batch', 'train_examples', 'epochs', 'best_stage', 'best_epoch', 'load_ms'].map((title) => of(first!, title)),
    ['train', String(0.9 + 192 / 4000), '64', '768', '4', 'classify', '4', '240'],
  );
  t.true(Number(of(first!, 'epoch_steps_ms')) > 5 * Number(of(first!, 'epoch_batches_ms')));
  const killed = rest.find((line) => of(line, 'outcome') === 'out-of-memory')!;
  t.deepEqual(
    ['accuracy', 'epoch_steps_ms', 'time_ms', 'best_epoch'].map((title) => of(killed, title)),
    ['', '', '', ''],
  );
});

test('the page has a plot of accuracy, bars of the phases, and a curve for each row', (t) => {
  const { configs } = drawn(pageOf(sweep));
  const shown = (id: string) =>
    configs.get(id)!.data.datasets.flatMap(({ data }) => data.flatMap((dot) => (dot as { row?: number }).row ?? []));
  for (const id of ['plot-timeMs', 'plot-samplesPerS', 'plot-peakMemoryBytes', 'plot-accuracy'])
    t.is(new Set(shown(id)).size, sweep.rows.length, id);
  t.is(configs.get('plot-timeMs')!.options.scales.y!.title!.text, 'time per epoch (s)');
  t.is(configs.get('plot-samplesPerS')!.options.scales.y!.title!.text, 'throughput (examples/s)');
  const phases = configs.get('plot-phases')!.data;
  t.deepEqual(
    phases.datasets.map(({ label }) => label),
    ['batches', 'steps', 'validation', 'checkpoint'],
  );
  t.deepEqual(phases.labels!.slice(2, 5), [['128 ✕'], ['160 ✕'], ['192']]);
  t.deepEqual(
    phases.datasets.map(({ data }) => data.filter((value) => value !== null).length),
    [5, 5, 5, 5],
  );
  const loss = configs.get('curve-0-loss')!.data.datasets;
  t.deepEqual(
    loss.slice(0, 2).map(({ label, data }) => [label, data.map(({ y }) => y)]),
    [
      ['training, median', [2, 1, 0.6667, 0.5]],
      ['validation, median', [1.5, 0.75, 0.5, 0.375]],
    ],
  );
  t.is(loss.length, 2 + 2 * 15);
  t.is(configs.get('curve-0-accuracy')!.data.datasets[1]!.data.at(-1)!.y, 94.8);
});

test('stages of different goals have plots of their own', (t) => {
  const { configs } = drawn(pageOf(trainingSweep('sae1d', 96, { middle: 2 })));
  const curves = [...configs.keys()].filter((id) => id.startsWith('curve-'));
  t.deepEqual(curves, ['curve-0-loss', 'curve-1-loss', 'curve-1-accuracy'], 'there is nothing to be right about in a reconstruction');
});

test('a training of which nothing was tried has its page, too', (t) => {
  const nothing = sweepOf({ workload }, [64, 128], 2, () => undefined);
  t.notThrows(() => drawn(pageOf(nothing)));
  t.notThrows(() => drawn(pageOf({ ...nothing, rows: [] })));
});
