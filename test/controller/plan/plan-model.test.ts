import test from 'ava';
import { parseDevicesFile } from '../../../controller/plan/devices-file.ts';
import { compareStrategies, objectiveValue, planModel } from '../../../controller/plan/plan-model.ts';
import { placedStages } from '../../../controller/plan/plan-out.ts';
import { planReportOf } from '../../../controller/plan/plan-report.ts';
import { planText } from '../../../controller/report/plan-text.ts';
import { strategies } from '../../../controller/scheduler/pipeline/strategies/registry.ts';
import { MeshError } from '../../../mesh/error.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import { build, node, tensor } from '../../partition/support/build.ts';
import { planDevice, planFleet, wish, zooLayers } from './models.ts';

const all = strategies.map(({ name }) => name);
const resnet = { name: 'resnet18', layered: zooLayers('resnet18') };
const squeezenet = { name: 'squeezenet', layered: zooLayers('squeezenet') };

/** After `b` and `c` nobody knows how large the tensors are; a cut after `a` or `d` is possible. */
const open = {
  name: 'open',
  layered: build({
    nodes: [
      node('MatMul', ['x', 'x'], ['a']),
      node('NonZero', ['a'], ['b']),
      node('MatMul', ['b', 'b'], ['c']),
      node('MatMul', ['c', 'a'], ['d']),
      node('MatMul', ['d', 'x'], ['e']),
      node('MatMul', ['e', 'x'], ['y']),
    ],
    inputs: [tensor('x', [4, 4])],
    outputs: [tensor('y', [4, 4])],
    valueInfo: [tensor('d', [4, 4]), tensor('e', [4, 4])],
  }),
};

test('a model with sizes that nobody knows is cut where they are known, and all strategies keep to that', (t) => {
  const { layers } = open.layered;
  const unknown = layers.filter(({ cutBytes, number }) => cutBytes === undefined && number < layers.length).map(({ number }) => number);
  t.true(unknown.length > 0 && unknown.length < layers.length - 1, `unknown after ${unknown.join(' ')} of ${layers.length}`);
  const fleet = planFleet([planDevice('a'), planDevice('b'), planDevice('c')], { link: () => ({ bytesPerMs: 1e9, latencyMs: 0 }) });
  for (const objective of ['throughput', 'latency', 'energy'] as const) {
    const result = planModel(open, fleet, wish({ objective, replicate: false }));
    const stages = placedStages(result.plans[0]!.plan, result.costs.lattice, ['a', 'b', 'c']);
    if (objective === 'throughput') t.true(stages.length > 1);
    const compared = compareStrategies(result, all);
    for (const { name, evaluation } of compared) {
      if (evaluation === undefined) continue;
      t.true(Number.isFinite(objectiveValue(objective, evaluation)), name);
      t.true(
        evaluation.stages.every(({ to }) => !Number.isNaN(result.costs.lattice.cutBytes[to])),
        name,
      );
    }
    t.true(compared.filter(({ evaluation }) => evaluation !== undefined).length >= 6);
  }
});

test('strategies are compared under the same prices: none is better than the plan, and an unknown name is left out', (t) => {
  const fleet = planFleet(
    [1, 2, 4].map((speed) => planDevice(`d${speed}`, { rates: { gmacPerS: speed, memoryGBPerS: speed, layerMs: 0.01 } })),
  );
  for (const objective of ['throughput', 'latency', 'energy'] as const) {
    const request = wish({ objective });
    const result = planModel(squeezenet, fleet, request);
    const compared = compareStrategies(result, all);
    t.deepEqual(
      compared.map(({ name }) => name),
      all,
    );
    const report = planReportOf({ model: 'squeezenet', fleet, wish: request, result, compared, whatIf: [], solveMs: 1 });
    t.true(report.bound.optimal);
    for (const { name, ratio, fits } of report.compared) if (fits) t.true(ratio! >= 1 - 1e-9, `${name}: ${ratio}`);
    const text = planText(report, Number.POSITIVE_INFINITY);
    for (const name of all) t.regex(text, new RegExp(`^${name} .* ×  `, 'm'));
  }
  t.deepEqual(
    compareStrategies(planModel(squeezenet, fleet, wish()), ['even', 'odd']).map(({ name }) => name),
    ['even'],
  );
});

test('one stage needs its weights and 64 MiB: a byte less and there is no plan', (t) => {
  const weights = squeezenet.layered.layers.reduce((sum, { weightBytes }) => sum + weightBytes, 0);
  const plansWith = (memoryBytes: number) => planModel(squeezenet, planFleet([planDevice('only', { memoryBytes })]), wish()).plans;
  t.is(plansWith(weights + STAGE_PROCESS_BYTES).length, 1);
  t.is(plansWith(weights + STAGE_PROCESS_BYTES)[0]!.evaluation.stages[0]!.devices[0]!.memoryBytes, weights + STAGE_PROCESS_BYTES);
  t.is(plansWith(weights + STAGE_PROCESS_BYTES - 1).length, 0);
});

test('memory limits divide a model that no device has room for', (t) => {
  const devices = ['a', 'b', 'c'].map((name) => planDevice(name, { memoryBytes: STAGE_PROCESS_BYTES + 20 * 2 ** 20 }));
  for (const objective of ['throughput', 'latency', 'energy'] as const) {
    const { plans } = planModel(resnet, planFleet(devices), wish({ objective }));
    t.true(plans[0]!.plan.length >= 3, objective);
    for (const stage of plans[0]!.evaluation.stages)
      t.true(stage.devices.every(({ memoryBytes }) => memoryBytes <= STAGE_PROCESS_BYTES + 20 * 2 ** 20));
  }
});

test('measured stages are believed: what they take is what the plan says', (t) => {
  const segments = new Map([
    [
      'squeezenet',
      [
        { layers: '1-10', ms: 3 },
        { layers: '11-38', ms: 5 },
      ],
    ],
  ]);
  const fleet = planFleet([planDevice('a', { rates: undefined, segments })]);
  const { plans } = planModel(squeezenet, fleet, wish());
  t.true(Math.abs(plans[0]!.evaluation.stages[0]!.devices[0]!.compute - 8) < 1e-9);
  // Both together were measured: the runtime had found something to save.
  const both = new Map([['squeezenet', [...segments.get('squeezenet')!, { layers: '1-38', ms: 6 }]]]);
  const whole = planModel(squeezenet, planFleet([planDevice('a', { rates: undefined, segments: both })]), wish());
  t.is(whole.plans[0]!.evaluation.stages[0]!.devices[0]!.compute, 6);
});

test('a device of which nothing says how fast it is with this model is refused, not guessed at', (t) => {
  const box = planDevice('box', { rates: undefined, segments: new Map([['resnet50', [{ layers: 'all', ms: 3 }]]]) });
  const error = t.throws(() => planModel(squeezenet, planFleet([box]), wish()), {
    instanceOf: MeshError,
    message: 'nothing says how fast box is with squeezenet: there are times of resnet50',
  });
  t.is(error?.code, 'usage');
  t.regex(error!.hint!, /gmacPerS/);
});

test('times of layers that the model does not have are refused with model and device', (t) => {
  for (const layers of ['1-39', '0', 'x', '5-3']) {
    const box = planDevice('box', { segments: new Map([['squeezenet', [{ layers, ms: 3 }]]]) });
    const error = t.throws(() => planModel(squeezenet, planFleet([box]), wish()), {
      instanceOf: MeshError,
      message: /^times of squeezenet on box: /,
    });
    t.is(error?.code, 'usage', layers);
  }
});

test('a codec is used where it pays, lossy ones only within the error that is allowed, and the tables say so', (t) => {
  const fleet = parseDevicesFile(
    JSON.stringify({
      devices: [
        { name: 'a', gmacPerS: 6 },
        { name: 'b', gmacPerS: 6 },
      ],
      links: { mbitPerS: 12 },
      source: null,
      sink: null,
      codecs: [
        { name: 'lz4', ratio: 0.7, encodeMBPerS: 4000, decodeMBPerS: 8000 },
        { name: 'half', ratio: 0.25, encodeMBPerS: 4000, decodeMBPerS: 8000, error: 0.01 },
      ],
    }),
    'lab.json',
  );
  const codecOf = (errorMax: number) => {
    const request = wish({ replicate: false, errorMax });
    const result = planModel(resnet, fleet, request);
    const report = planReportOf({ model: 'resnet18', fleet, wish: request, result, compared: [], whatIf: [], solveMs: 1 });
    const [{ stages, links, error }] = report.plans as [(typeof report.plans)[number]];
    t.is(stages.length, 2);
    t.is(links[0]!.codec, stages[0]!.codec);
    t.true(Math.abs(links[0]!.wireBytes / links[0]!.rawBytes - (stages[0]!.codec === 'lz4' ? 0.7 : 0.25)) < 1e-9);
    t.regex(planText(report, Number.POSITIVE_INFINITY), new RegExp(` CODEC\\n.* ${stages[0]!.codec}\\n`));
    return [stages[0]!.codec, error];
  };
  t.deepEqual(codecOf(0), ['lz4', 0]);
  t.deepEqual(codecOf(0.02), ['half', 0.01]);
});

test('frames do not follow each other faster than source and sink can handle them; then the fewest devices do', (t) => {
  const fleet = planFleet([planDevice('a'), planDevice('b')], { frameMs: 1000 });
  const result = planModel(squeezenet, fleet, wish());
  const report = planReportOf({ model: 'squeezenet', fleet, wish: wish(), result, compared: [], whatIf: [], solveMs: 1 });
  const [{ periodMs, limit, stages }] = report.plans as [(typeof report.plans)[number]];
  t.is(periodMs, 1000);
  t.is(limit, 'what source and sink do for each frame');
  t.is(stages.flatMap(({ devices }) => devices).length, 1);
  t.true(report.bound.optimal);
});

test('names of several devices in a limit are a list that can be read', (t) => {
  const slow = planFleet([planDevice('a'), planDevice('b'), planDevice('c')], {
    link: () => ({ bytesPerMs: 100, latencyMs: 0 }),
    sink: undefined,
  });
  const result = planModel(squeezenet, { ...slow, source: 'controller' }, wish({ top: 10 }));
  const report = planReportOf({ model: 'squeezenet', fleet: slow, wish: wish(), result, compared: [], whatIf: [], solveMs: 1 });
  const limits = report.plans.map(({ limit }) => limit);
  t.true(
    limits.some((limit) => /^the way from controller to (a|a and b|a, b and c)$/.test(limit)),
    limits.join('; '),
  );
});
