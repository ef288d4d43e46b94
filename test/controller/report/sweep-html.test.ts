import { Script } from 'node:vm';
import test from 'ava';
import { chartLibrary } from '../../../controller/report/chart-library.ts';
import { sweepHtml } from '../../../controller/report/sweep-html.ts';
import { sweepReportOf } from '../../../controller/report/sweep-report.ts';
import { drawn, scriptsOf, unclosed } from './page.ts';
import { cpuSweep, type MadeSweep, memorySweep, recordOf, spec, sweepOf } from './sweep-fixture.ts';

const pageOf = ({ sweep, rows }: MadeSweep): string => sweepHtml(sweepReportOf(sweep, rows), rows);
const memory = pageOf(memorySweep());

test('the page carries everything itself', (t) => {
  const own = memory.replace(chartLibrary(), '');
  t.not(own, memory);
  t.false(/https?:|\bsrc=|\bhref=|@import|\burl\(|\bimport\b|\bfetch\b/.test(own));
  t.false(/\bfetch\(|XMLHttpRequest|\bimport\(/.test(chartLibrary()));
  t.regex(memory, /Content-Security-Policy" content="default-src 'none'/);
  t.regex(memory, /Chart\.js v4\.\d[\s\S]{1,100}Released under the MIT License/);
  t.false(memory.includes('sourceMappingURL'));
});

test('its scripts can be read, and its markup is closed', (t) => {
  const [data, library, draw, ...more] = scriptsOf(memory);
  t.deepEqual(more, []);
  t.notThrows(() => JSON.parse(data!));
  t.notThrows(() => new Script(library!));
  t.notThrows(() => new Script(draw!));
  t.deepEqual(unclosed(memory), []);
});

test('every row is in its table, with its outcome in words and a sign of its own', (t) => {
  const { rows } = memorySweep();
  const table = /aria-label="Every row">([\s\S]*?)<\/table>/.exec(memory)![1]!;
  t.is(table.match(/<tr class=/g)!.length, rows.length);
  t.is(table.match(/<td>○ not tried<\/td>/g)!.length, 6);
  t.is(table.match(/<td>✕ out of memory<\/td>/g)!.length, 28);
  t.is(table.match(/◇ 39\.4/g)!.length, 1);
  t.true(memory.includes('<td>refused: the device is too hot: 84 °C</td>'));
});

test('every row is in every plot against the limit: as a point, or as a mark of what came of it', (t) => {
  const { rows } = memorySweep();
  const { configs } = drawn(memory);
  for (const id of ['plot-timeMs', 'plot-samplesPerS', 'plot-peakMemoryBytes']) {
    const shown = configs.get(id)!.data.datasets.flatMap(({ data }) => data.flatMap(({ row }) => row ?? []));
    t.deepEqual(
      [...new Set(shown)].toSorted((a, b) => a - b),
      [...rows.keys()],
      id,
    );
  }
  const lanes = configs.get('plot-timeMs')!.data.datasets.filter(({ yAxisID }) => yAxisID === 'lane');
  t.deepEqual(
    lanes.map(({ label, data }) => [label, data.length]),
    [
      ['out of memory', 28],
      ['thrashing', 10],
      ['timed out', 1],
      ['crashed', 1],
      ['refused', 1],
      ['not tried', 6],
    ],
  );
  t.is(new Set(lanes.map(({ pointStyle }) => pointStyle)).size, 6, 'a shape for each');
  const outliers = configs.get('plot-timeMs')!.data.datasets.filter(({ pointStyle, data }) => pointStyle === 'rectRot' && data.length > 0);
  t.deepEqual(
    outliers.map(({ data }) => data.map(({ x }) => x)),
    [[640], [640]],
  );
});

test('axes have titles with units and begin at 0', (t) => {
  const { configs } = drawn(memory);
  for (const [id, { options }] of configs) {
    for (const [name, scale] of Object.entries(options.scales)) {
      if (name === 'lane' || (id === 'plot-minimum' && name === 'y')) continue;
      if (scale.title?.text === 'CPUs') continue;
      t.regex(scale.title?.text ?? '', /\(.+\)/, `${id} ${name}`);
    }
  }
  t.like(configs.get('plot-timeMs')!.options.scales.y, { type: 'linear', min: 0 });
  const wide = sweepOf({ variants: [spec.variants[0]!] }, [64, 128], 1, ({ value }) => recordOf({ timeMs: value === 64 ? 900 : 20 }));
  t.like(drawn(pageOf(wide)).configs.get('plot-timeMs')!.options.scales.y, {
    type: 'logarithmic',
    title: { text: 'median query latency (ms), log scale' },
  });
});

test('the course of the chosen run is drawn, on dark ground in other colours', (t) => {
  const { configs, change } = drawn(memory);
  const limit = () => configs.get('course-memory')!.data.datasets.find(({ label }) => label?.startsWith('limit'))?.label;
  t.is(limit(), 'limit, 256');
  change('row', '0');
  t.is(limit(), 'limit, 1024');
  const colour = (dark: boolean) => drawn(memory, dark).configs.get('course-cpu')!.data.datasets[0]!.borderColor;
  t.not(colour(true), colour(false));
});

test('of CPU the knee is drawn', (t) => {
  const { configs } = drawn(pageOf(cpuSweep()));
  const knee = configs.get('plot-timeMs')!.data.datasets.find(({ label }) => label === 'knee');
  t.deepEqual(
    knee?.data.map(({ x }) => x),
    [0.4, 0.4],
  );
});

test('nothing of what others wrote is markup or code', (t) => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"';
  const record = { ...recordOf({ outcome: { kind: 'refused', why: evil } }), lastWords: evil, warnings: [evil] };
  const made = sweepOf({ workload: { ...spec.workload, model: evil } }, [64], 1, () => record);
  const page = pageOf({ ...made, sweep: { ...made.sweep, error: evil, status: 'failed' } });
  t.is(scriptsOf(page).length, 3);
  t.false(page.includes('<img'));
  t.true((JSON.parse(scriptsOf(page)[0]!) as { rows: { label: string }[] }).rows[0]!.label.includes(evil));
});

test('a sweep of which nothing was tried, or nothing planned, has its page, too', (t) => {
  const nothing = sweepOf({}, [64, 128], 2, () => undefined);
  const { configs } = drawn(pageOf(nothing));
  t.deepEqual([...configs.keys()].toSorted(), ['plot-minimum', 'plot-peakMemoryBytes', 'plot-samplesPerS', 'plot-timeMs']);
  t.notThrows(() => drawn(pageOf({ ...nothing, rows: [] })));
});

test('a sweep that looked for the smallest limit by bisection', (t) => {
  const tried = [1024, 180, 176, 178, 177, 178, 178];
  const rows = tried.map((value, row) => {
    const times = tried.slice(0, row).filter((each) => each === value).length;
    const record =
      value >= 178 ? recordOf({ timeMs: 20, peakBytes: 2e8 }) : recordOf({ outcome: { kind: 'out-of-memory' }, peakBytes: 1.8e8 });
    return { row, value, variant: spec.variants[0]!, repeat: times + 1, record };
  });
  const sought = { ...spec, variants: [spec.variants[0]!], search: { kind: 'minimum' as const, from: 1024, floor: 16 } };
  const page = pageOf({ sweep: { ...memorySweep().sweep, spec: sought }, rows });
  t.true(page.includes('infers with 178 MiB (all 3 repeats ok); not with 177 MiB (1 out of memory).'));
  t.true(page.includes('bisection from 1024 down to 16 MiB'));
  const { configs } = drawn(page);
  t.deepEqual(
    configs.get('plot-minimum')!.data.datasets.map(({ data }) => data as unknown),
    [[{ x: 177, y: 'warm cache' }], [178]],
  );
});
