import test from 'ava';
import fc from 'fast-check';
import { leastPrice } from '../../../../bench/support/pipeline/brute-force.ts';
import { chainFleet, chainWorkload, sharedChains } from '../../../../bench/support/pipeline/chains.ts';
import { flowOf } from '../../../../bench/support/pipeline/flows.ts';
import { type Case, randomCase } from '../../../../bench/support/pipeline/random-case.ts';
import { type Fleet, noCodec, transferTime } from '../../../../controller/scheduler/pipeline/fleet.ts';
import { latencyCut, stagesOfLabels } from '../../../../controller/scheduler/pipeline/latency-cut.ts';
import { type ObjectiveName, objectives } from '../../../../controller/scheduler/pipeline/objective.ts';
import { evaluate, spansOf } from '../../../../controller/scheduler/pipeline/pipeline-plan.ts';
import { type PlannerResult, planPipeline } from '../../../../controller/scheduler/pipeline/planner.ts';
import { strategies } from '../../../../controller/scheduler/pipeline/strategies/registry.ts';
import { Random } from '../../../../mesh/random.ts';
import { isClosed } from '../../../../partition/cuts/crossing.ts';
import { listIdeals } from '../../../../partition/cuts/ideals.ts';

const wide = { layersMax: 12, devicesMax: 4, idealsMax: [0, 1000, 60, 16, 8] };
const EPSILON = 1e-9;

const isSame = (a: number, b: number): boolean => a === b || Math.abs(a - b) <= EPSILON * Math.max(1, Math.abs(b));

function solve(
  drawn: Case,
  objective: ObjectiveName,
  more: { readonly replicate?: boolean; readonly errorMax?: number; readonly top?: number } = {},
): PlannerResult {
  return planPipeline({ ...drawn, complete: true, objective, replicate: false, errorMax: 0, top: 1, effort: 'exact', ...more });
}

/** Layers that each read what the one before made, a byte. */
function chainOf(count: number): Pick<Case['workload'], 'flow' | 'inputs' | 'outputs'> {
  const tensors = Array.from({ length: count - 1 }, (_, index) => ({
    name: `t${index + 1}`,
    maker: index + 1,
    readers: [index + 2],
    bytes: 1,
  }));
  return { flow: flowOf(count, tensors), inputs: [], outputs: [] };
}

const best = ({ plans }: PlannerResult): number => plans[0]?.value ?? Number.POSITIVE_INFINITY;

for (const replicate of [false, true]) {
  test(`the shortest period of all pipelines, ${replicate ? 'with devices that take turns' : 'one device for each stage'}`, (t) => {
    let planned = 0;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 0.15), (seed, errorMax) => {
        const drawn = randomCase(new Random(seed), wide);
        const found = best(solve(drawn, 'throughput', { replicate, errorMax }));
        const least = leastPrice(drawn, { objective: 'throughput', replicate, revisit: false, errorMax });
        if (!isSame(found, least)) throw new Error(`found ${found}, the least is ${least}`);
        if (Number.isFinite(least)) planned += 1;
      }),
      { numRuns: 80 },
    );
    t.true(planned > 40);
  });
}

test('of several ways to the same layers on the same devices the better one is kept', (t) => {
  let long = 0;
  for (let seed = 1; long < 60; seed += 1) {
    const drawn = randomCase(new Random(seed), { layersMax: 12, devicesMax: 4, idealsMax: [0, 13, 13, 13, 13] });
    if (drawn.ideals.length < 8 || drawn.fleet.devices.length < 4) continue;
    long += 1;
    const found = best(solve(drawn, 'throughput'));
    const least = leastPrice(drawn, { objective: 'throughput', replicate: false, revisit: false, errorMax: 0 });
    t.true(isSame(found, least), `seed ${seed}: found ${found}, the least is ${least}`);
  }
});

test('what source and sink do for each frame is no part of what a device is busy with', (t) => {
  const random = new Random(2870);
  const drawn = randomCase(random, { layersMax: 12, devicesMax: 4, idealsMax: [0, 1000, 60, 20, 9] });
  t.is(drawn.fleet.transfers, 'blocking');
  t.is(drawn.fleet.framePeriod, 20);
  t.is(best(solve(drawn, 'throughput', { errorMax: 0.15 })), 20);
});

for (const objective of ['latency', 'energy'] as const) {
  test(`the least ${objective} of all pipelines, also of those that come back to a device; where that is not proven, the bound holds`, (t) => {
    let [proven, tight] = [0, 0];
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 0.15), (seed, errorMax) => {
        const drawn = randomCase(new Random(seed), { layersMax: 6, devicesMax: 3, idealsMax: [0, 30, 8, 7] });
        const result = solve(drawn, objective, { errorMax });
        const least = leastPrice(drawn, { objective, replicate: false, revisit: true, errorMax });
        const once = leastPrice(drawn, { objective, replicate: false, revisit: false, errorMax });
        if (result.bound > least * (1 + EPSILON)) throw new Error(`the bound ${result.bound} is above ${least}`);
        if (best(result) > once * (1 + EPSILON))
          throw new Error(`found ${best(result)}, the least is ${once} with one stage on each device`);
        if (best(result) < least * (1 - EPSILON)) throw new Error(`found ${best(result)}, which no pipeline has: at least ${least}`);
        const roomy = drawn.fleet.devices.every(({ memoryBytes }) => memoryBytes === Number.POSITIVE_INFINITY);
        const isLossless = errorMax === 0 || drawn.fleet.codecs.every(({ error }) => error === 0);
        if (roomy && isLossless && !isSame(best(result), result.bound)) throw new Error(`${best(result)} is not proven: ${result.bound}`);
        if (isSame(best(result), result.bound)) proven += 1;
        if (!roomy) tight += 1;
      }),
      { numRuns: 150 },
    );
    t.true(proven > 75, `${proven} proven`);
    t.true(tight > 30, `${tight} with little memory`);
  });
}

test('a device that is come back to has room for all its stages', (t) => {
  const workload = {
    ...chainOf(3),
    compute: [[], [1, 50], [50, 1], [1, 50]],
    memoryBytes: [0, 4, 1, 4],
    stageMemoryBytes: 2,
  };
  const { ideals } = listIdeals(workload.flow, 100);
  const plan = (memoryBytes: number): PlannerResult => {
    const devices = ['a', 'b'].map((name) => ({ name, memoryBytes, cpuPerByte: 0, cpuPerMessage: 0, activeWatts: 1, radioPerByte: 0 }));
    const fleet: Fleet = {
      devices,
      places: 2,
      bandwidth: Float64Array.of(Number.POSITIVE_INFINITY, 1, 1, Number.POSITIVE_INFINITY),
      latency: new Float64Array(4),
      source: undefined,
      sink: undefined,
      framePeriod: 0,
      codecs: [noCodec(2)],
      transfers: 'streamed',
    };
    return solve({ workload, fleet, ideals }, 'latency');
  };
  const devicesOf = ({ plans }: PlannerResult) => plans[0]!.plan.map(({ group }) => group.members[0]);
  t.deepEqual(devicesOf(plan(12)), [0, 1, 0]);
  t.deepEqual(plan(12).plans[0]!.value, plan(12).bound);
  // One byte less, and the first device can not have both its stages; the whole model takes less, for it is one stage.
  const tight = plan(11);
  t.deepEqual(devicesOf(tight), [0]);
  t.true(tight.bound < tight.plans[0]!.value, 'what would be without a limit of memory is a bound');
});

test('the minimum cut over devices in order is the least of all ways to label the layers', (t) => {
  let tried = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const { workload, fleet } = randomCase(random, { layersMax: 5, devicesMax: 4, idealsMax: [0, 64, 64, 64, 64] });
      const order = fleet.devices.map((_, device) => device);
      const { label, latency } = latencyCut(
        { ...workload, segments: new Map() },
        { ...fleet, source: fleet.source === undefined ? undefined : 0 },
        order,
      );
      const { count, readsFrom, tensors } = workload.flow;
      const priceOf = (labels: readonly number[]): number => {
        for (let layer = 1; layer <= count; layer += 1) {
          if (readsFrom[layer]!.some((from) => labels[from]! > labels[layer]!)) return Number.POSITIVE_INFINITY;
        }
        let price = 0;
        for (let layer = 1; layer <= count; layer += 1) {
          const { cpuPerByte, cpuPerMessage } = fleet.devices[labels[layer]!]!;
          price += workload.compute[layer]![labels[layer]!]!;
          if (fleet.sink === undefined || fleet.sink === labels[layer]) continue;
          for (const { maker, bytes } of workload.outputs) {
            if (maker === layer && bytes > 0)
              price += transferTime(fleet, bytes, labels[layer]!, fleet.sink) + bytes * cpuPerByte + cpuPerMessage;
          }
        }
        for (let j = 0; j + 1 < order.length; j += 1) {
          const crossing = [
            ...tensors.map(({ maker, readers, bytes }) => ({ from: labels[maker]!, readers, bytes: bytes! })),
            ...(fleet.source === undefined ? [] : workload.inputs.map(({ readers, bytes }) => ({ from: 0, readers, bytes }))),
          ].filter(({ from, readers }) => from <= j && readers.some((reader) => labels[reader]! > j));
          const cpu = (key: 'cpuPerByte' | 'cpuPerMessage'): number => fleet.devices[j]![key] + fleet.devices[j + 1]![key];
          const bytes = crossing.reduce((sum, each) => sum + each.bytes, 0);
          price += bytes * (1 / fleet.bandwidth[j * fleet.places + j + 1]! + cpu('cpuPerByte'));
          if (labels.slice(1).some((own) => own > j)) price += fleet.latency[j * fleet.places + j + 1]! + cpu('cpuPerMessage');
        }
        return price;
      };
      let least = Number.POSITIVE_INFINITY;
      for (let code = 0; code < order.length ** count; code += 1) {
        const labels = [0, ...Array.from({ length: count }, (_, layer) => Math.floor(code / order.length ** layer) % order.length)];
        least = Math.min(least, priceOf(labels));
      }
      if (!isSame(latency, least)) throw new Error(`the cut costs ${latency}, the least is ${least}`);
      if (!isSame(priceOf(label), least)) throw new Error(`the labels cost ${priceOf(label)}, the cut says ${latency}`);
      for (const set of stagesOfLabels(label).sets)
        if (!isClosed(workload.flow, set)) throw new Error(`data would flow back: ${label.join(' ')}`);
      tried += 1;
    }),
    { numRuns: 200 },
  );
  t.is(tried, 200);
});

test('the planner is never worse than any published strategy, and its bound never above what it finds', (t) => {
  let compared = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const drawn = randomCase(new Random(seed), { layersMax: 20, devicesMax: 5, idealsMax: [0, 500, 500, 500, 200, 100] });
      for (const objective of ['throughput', 'latency', 'energy'] as const) {
        const result = solve(drawn, objective, { replicate: true });
        if (result.bound > best(result) * (1 + EPSILON)) throw new Error(`the bound ${result.bound} is above ${best(result)}`);
        for (const { name, plan } of strategies) {
          const made = plan(result.costs);
          if (made === undefined) continue;
          const evaluation = evaluate(result.costs, made);
          if (made.at(-1)!.to !== result.costs.lattice.last) throw new Error(`${name} leaves layers out`);
          if (spansOf(made).some(({ from, to }) => !result.costs.lattice.isWithin(from, to))) throw new Error(`${name} goes back`);
          if (!evaluation.fits) continue;
          compared += 1;
          const value = objectives[objective].of(evaluation);
          if (made.some(({ group }) => group.members.length > 1) && objective !== 'throughput') continue;
          if (best(result) > value * (1 + EPSILON)) throw new Error(`${name} has ${value}, better than ${best(result)} (${objective})`);
        }
      }
    }),
    { numRuns: 100 },
  );
  t.true(compared > 1000);
});

test('with more devices than can be tried in all orders, the answer is as good as the whole model on one or all, and the bound holds', (t) => {
  const random = new Random(5);
  const drawn = randomCase(random, { layersMax: 8, devicesMax: 1, idealsMax: [0, 100] });
  const count = 12;
  const compute = drawn.workload.compute.map((row) => row.flatMap((time) => Array.from({ length: count }, (_, device) => time + device)));
  const places = count + 1;
  const fleet = {
    ...drawn.fleet,
    devices: Array.from({ length: count }, (_, device) => ({ ...drawn.fleet.devices[0]!, name: `device${device}`, memoryBytes: 1e9 })),
    places,
    bandwidth: Float64Array.from({ length: places ** 2 }, (_, at) =>
      Math.floor(at / places) === at % places ? Number.POSITIVE_INFINITY : 50,
    ),
    latency: new Float64Array(places ** 2),
    source: count,
    sink: count,
    codecs: drawn.fleet.codecs
      .slice(0, 1)
      .map((codec) => ({ ...codec, encodePerByte: new Array<number>(count).fill(0), decodePerByte: new Array<number>(count).fill(0) })),
    transfers: 'streamed' as const,
  };
  const { segments: _, ...workload } = drawn.workload;
  const result = solve({ workload: { ...workload, compute }, fleet, ideals: drawn.ideals }, 'throughput', { replicate: true });
  for (const name of ['single', 'replicate']) {
    const made = strategies.find((each) => each.name === name)!.plan(result.costs)!;
    t.true(best(result) <= evaluate(result.costs, made).period * (1 + EPSILON), name);
  }
  t.true(result.bound <= best(result));
  t.true(result.bound > 0);
});

test('several answers are of different devices, the best first, and the first is the same', (t) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const drawn = randomCase(new Random(seed), { layersMax: 10, devicesMax: 4, idealsMax: [0, 200, 100, 60, 40] });
      const one = solve(drawn, 'throughput', { replicate: true });
      const five = solve(drawn, 'throughput', { replicate: true, top: 5 });
      if (best(one) !== best(five) && !isSame(best(one), best(five))) throw new Error(`${best(five)} instead of ${best(one)}`);
      const used = five.plans.map(({ plan }) => plan.reduce((mask, { group }) => mask | group.mask, 0));
      if (new Set(used).size !== used.length) throw new Error('the same devices twice');
      const values = five.plans.map(({ value }) => value);
      if (values.some((value, index) => index > 0 && value < values[index - 1]! * (1 - EPSILON)))
        throw new Error(`not in order: ${values.join(' ')}`);
    }),
    { numRuns: 100 },
  );
  t.pass();
});

const chains = sharedChains();
const known = chains === undefined ? test.skip : test;
known('the shared chains have the latencies and periods that are known', (t) => {
  for (const chain of chains!) {
    const workload = chainWorkload(chain);
    const { ideals } = listIdeals(workload.flow, 1000);
    const value = (transfers: 'overlapped' | 'blocking', objective: ObjectiveName): number =>
      best(solve({ workload, fleet: chainFleet(chain, transfers), ideals }, objective));
    const { minLatency, minPeriodOverlap, minPeriodSerial } = chain.expected;
    const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * b;
    t.true(close(value('overlapped', 'latency'), minLatency.value), `${chain.id}: latency`);
    t.true(close(value('overlapped', 'throughput'), minPeriodOverlap.value), `${chain.id}: period`);
    t.true(close(value('blocking', 'throughput'), minPeriodSerial.value), `${chain.id}: period without overlap`);
  }
});
