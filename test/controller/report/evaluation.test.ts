import { readFileSync } from 'node:fs';
import test from 'ava';
import { evaluate } from '../../../controller/profiler/evaluation/evaluate.ts';
import { chartLibrary } from '../../../controller/report/chart-library.ts';
import { evaluationHtml } from '../../../controller/report/evaluation-html.ts';
import { evaluationPlots } from '../../../controller/report/evaluation-plots.ts';
import { evaluationText } from '../../../controller/report/evaluation-text.ts';
import { madeSamples } from '../profiler/evaluation/made-samples.ts';
import { smallPredictor } from '../profiler/evaluation/small-predictor.ts';
import { violations } from './json-schema.ts';
import { drawn, scriptsOf, unclosed } from './page.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/evaluation.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const report = await evaluate(madeSamples(), smallPredictor, { seed: 3 });
const page = evaluationHtml(report);
const none = await evaluate([], smallPredictor, { seed: 3 });
const mute = await evaluate(madeSamples({ families: 2 }), () => ({ predict: () => undefined }), { seed: 3 });

test('the report is as its schema says, also of nothing and of who says nothing', (t) => {
  for (const each of [report, none, mute]) t.deepEqual(violations(JSON.parse(JSON.stringify(each)), schema), []);
  t.not(violations({ ...report, seed: -1 }, schema).length, 0);
});

test('the text has a line for each result, its baselines below it, and the floor', (t) => {
  const lines = evaluationText(report, Number.POSITIVE_INFINITY).split('\n');
  t.is(lines[0], 'How good predictions are: 18 models of 6 families on 4 devices, 864 samples and 0 that help');
  const table = lines.slice(lines.indexOf('Whole models') + 1, lines.indexOf('Parts: segments of models, stages of runs') - 1);
  t.is(table.length, 1 + 4 * 9 + 1);
  t.regex(table[0]!, /^held out +n +MAPE +±5 % +±10 % +MAE +RMSE +R² +rank +in 90 % +best +regret +p95$/);
  t.is(table.filter((line) => line.startsWith('  median repeat')).length, 9);
  for (const name of ['rows (leaks)', 'new model', 'new family', 'new device + 0', 'new device + 50', 'later', 'repeats by repeats']) {
    t.is(table.filter((line) => line.startsWith(name)).length, 1, name);
  }
  const { accuracy } = report.splits[0]!.results[0]!;
  t.true(table[1]!.includes(`  ${(100 * accuracy!.mape).toFixed(1)}  `));
  t.true(
    evaluationText(report, 100)
      .split('\n')
      .every((line) => [...line].length <= 100),
  );
});

test('what could not be said is said', (t) => {
  const text = evaluationText(mute, 100);
  t.regex(text, /unpredicted +1383 samples/);
  t.regex(evaluationText(none, 100), /not done +rows \(leaks\), new model, new family, new device, later: there are not two/);
});

test('the page stands by itself, whatever the predictor said', (t) => {
  for (const each of [page, evaluationHtml(none), evaluationHtml(mute)]) {
    t.deepEqual(unclosed(each), []);
    t.regex(each, /Content-Security-Policy" content="default-src 'none'/);
    const own = each.replace(chartLibrary(), '');
    t.false(/\b(src|href)=|fetch\(|import\(|@import|url\(/.test(own));
    t.notThrows(() => drawn(each));
  }
  t.is(scriptsOf(page).length, 3);
});

test('all plots are drawn, on light ground and on dark, and another result when it is chosen', (t) => {
  for (const dark of [false, true]) {
    const { configs, change } = drawn(page, dark);
    t.deepEqual([...configs.keys()].sort(), [
      ...['plot-coverage', 'plot-errors-models', 'plot-errors-parts', 'plot-folds', 'plot-importance', 'plot-residuals', 'plot-scatter'],
    ]);
    const before = configs.get('plot-scatter')!;
    change('view', '0');
    t.notDeepEqual(configs.get('plot-scatter')!.data, before.data);
  }
});

test('every point is drawn once and lies within its axes, every residual is in a bar', (t) => {
  const { views } = evaluationPlots(report);
  const { configs, change } = drawn(page);
  for (const [index, view] of views.entries()) {
    change('view', String(index));
    const sets = configs.get('plot-scatter')!.data.datasets.filter(({ type }) => type !== 'line');
    const points = sets.flatMap(({ data }) => data);
    t.is(points.length, view.points.length);
    const { min, max } = view.extent;
    t.true(points.every(({ x, y }) => Math.min(x, y) >= min * 0.999 && Math.max(x, y) <= max * 1.001));
    t.is(
      view.histogram.reduce((sum, { count }) => sum + count, 0),
      view.points.length,
    );
  }
  t.is(views.length, 18);
});

test('names of models and devices are text on the page', async (t) => {
  const wild = madeSamples({ families: 2 }).map((sample) => ({
    ...sample,
    subject: { ...sample.subject, model: '</script><b onclick="x">' },
    circumstance: { ...sample.circumstance, deviceKey: `<i>${sample.circumstance.deviceKey}` },
  }));
  const made = evaluationHtml(await evaluate(wild, smallPredictor, { seed: 1, splits: ['rows'] }));
  t.false(made.includes('<b onclick'));
  t.false(made.includes('<i>'));
  t.notThrows(() => drawn(made));
});
