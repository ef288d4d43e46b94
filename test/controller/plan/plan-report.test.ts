import { readFileSync } from 'node:fs';
import test from 'ava';
import { compareStrategies, type PlanWish, planModel } from '../../../controller/plan/plan-model.ts';
import { type PlanReport, planReportOf } from '../../../controller/plan/plan-report.ts';
import { whatIf } from '../../../controller/plan/what-if.ts';
import { planText } from '../../../controller/report/plan-text.ts';
import { strategies } from '../../../controller/scheduler/pipeline/strategies/registry.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import { violations } from '../report/json-schema.ts';
import { planDevice, planFleet, wish, zooLayers } from './models.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/plan.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;

const model = { name: 'squeezenet', layered: zooLayers('squeezenet') };
/** The last has no room for the whole model. */
const fleet = planFleet([
  planDevice('a', { rates: { gmacPerS: 4, memoryGBPerS: 4, layerMs: 0.02 }, activeWatts: 3, radioNanojoulesPerByte: 50 }),
  planDevice('b', { cpuMsPerMessage: 0.05, cpuMsPerByte: 1e-6 }),
  planDevice('c', { memoryBytes: STAGE_PROCESS_BYTES + 2 * 2 ** 20 }),
]);

async function reportOf(request: PlanWish): Promise<PlanReport> {
  const result = planModel(model, fleet, request);
  const compared = compareStrategies(
    result,
    strategies.map(({ name }) => name),
  );
  const changes = await whatIf(model, fleet, request, result.plans[0]!.value, async () => undefined);
  return planReportOf({ model: 'squeezenet', fleet, wish: request, result, compared, whatIf: changes, solveMs: 1.5 });
}

for (const objective of ['throughput', 'latency', 'energy'] as const) {
  test(`${objective}: the report is as its schema says, and says the same in all its numbers`, async (t) => {
    const report = await reportOf(wish({ objective, top: 3 }));
    // As a program reads it: what JSON can not say would be null.
    t.deepEqual(violations(JSON.parse(JSON.stringify(report)), schema), []);
    t.true(report.plans.length > 1);
    for (const { value, periodMs, throughputFps, latencyMs, energyMj, stages } of report.plans) {
      t.is(value, { throughput: periodMs, latency: latencyMs, energy: energyMj }[objective]);
      t.true(Math.abs(throughputFps * periodMs - 1000) < 1e-6);
      for (const { devices } of stages) t.true(Math.abs(devices.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    }
    const values = report.plans.map(({ value }) => value);
    t.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
    t.is(report.bound.optimal, report.plans[0]!.value <= report.bound.value * (1 + 1e-9));
  });
}

test('when it waits for a device, that one is busy all the time; no other is busier', async (t) => {
  const { plans } = await reportOf(wish());
  const busy = plans[0]!.stages.flatMap(({ devices }) => devices.map(({ busyShare }) => busyShare));
  t.true(Math.max(...busy) <= 1 + 1e-9);
  const [, limiting] = /^(\w) which|^(\w), which/.exec(plans[0]!.limit)?.filter(Boolean) ?? [];
  const own = plans[0]!.stages.flatMap(({ devices }) => devices).find(({ device }) => device === limiting);
  t.true(Math.abs(own!.busyShare - 1) < 1e-9, plans[0]!.limit);
});

test('a schema that asks for something else is not satisfied', async (t) => {
  const report = await reportOf(wish());
  t.true(violations({ ...report, plans: [] }, schema).length > 0);
  t.true(violations({ ...report, more: 1 }, schema).length > 0);
  t.true(violations({ ...report, bound: { ...report.bound, gap: null } }, schema).length > 0);
});

test('for a person: speed, stages, what limits, how good it is, what would help, and the strategies', async (t) => {
  const report = await reportOf(wish({ top: 2 }));
  const text = planText(report, Number.POSITIVE_INFINITY);
  t.regex(
    text,
    /^squeezenet on 3 devices, for throughput: planned in 1\.50 ms\n\n[\d.]+ frames\/s, latency [\d.]+ ms, [\d.]+ mJ a frame\n/,
  );
  t.regex(text, /\nSTAGE +LAYERS +DEVICE +FRAMES +COMPUTE ms +BUSY +MEMORY\n/);
  t.regex(
    text,
    /\nlimited by {7}\w+, which computes stage \d\nhow good it is {3}optimal: no pipeline .* has more frames per second at these prices\n/,
  );
  t.regex(text, /\nwould help {7}.*: \d+\.\d % more frames\/s\n/);
  t.regex(text, /\n── 2 ──\n/);
  t.regex(text, /\nSTRATEGY +FRAMES\/S +LATENCY ms +ENERGY mJ +TIME PER FRAME\n/);
  t.true(text.split('\n').every((line) => line === line.trimEnd()));
});

test('what is minimized decides what is said to be better', async (t) => {
  for (const objective of ['latency', 'energy'] as const) {
    const text = planText(await reportOf(wish({ objective })), Number.POSITIVE_INFINITY);
    t.regex(text, new RegExp(`: \\d+\\.\\d % less ${objective}\\n`));
    t.notRegex(text, /limited by|more frames/);
  }
});

test('frames that are wherever they are needed travel no way to the first stage, results none from the last', (t) => {
  const linksOf = (ends: { readonly source?: undefined; readonly sink?: undefined }) => {
    const ended = planFleet([planDevice('a'), planDevice('b')], ends);
    const result = planModel(model, ended, wish({ replicate: false }));
    const { plans } = planReportOf({ model: 'squeezenet', fleet: ended, wish: wish(), result, compared: [], whatIf: [], solveMs: 1 });
    return plans[0]!.links.map(({ from, to }) => (from === 'controller' || to === 'controller' ? `${from} to ${to}` : 'between'));
  };
  t.deepEqual(linksOf({ source: undefined, sink: undefined }), ['between']);
  t.regex(linksOf({ sink: undefined }).join(), /^controller to [ab],between$/);
});

test('a plan that is not proven to be the best says how much better another could be', async (t) => {
  const report = await reportOf(wish());
  const text = planText({ ...report, bound: { value: 1, gap: 0.0345, optimal: false } }, Number.POSITIVE_INFINITY);
  t.regex(text, /\nhow good it is {3}not proven to be the best: another could be better by 3\.5 % at most\n/);
});

test('lines fit into the width of a terminal', async (t) => {
  const text = planText(await reportOf(wish()), 80);
  for (const line of text.split('\n').filter((each) => !/^(limited|how|would| {17})/.test(each))) t.true([...line].length <= 80, line);
});
