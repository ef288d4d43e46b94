/** Large meshes to simulate: a chain, and a plan that branches, each stage on a device of its own. */
import type { Scenario } from '../../controller/scheduler/simulator/scenario.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { Plan, Route, Stage } from '../../partition/plan.ts';

const WAYS = 10;
const TENSOR: Omit<TensorSpec, 'name'> = { dtype: 'float32', dims: [1, 50_000] };

/** source → s0 → s1 → … → sink. */
export function chainScenario(devices: number, frames: number): Scenario {
  return scenarioOf(
    Array.from({ length: devices }, (_, index) => (index === 0 ? [] : [index - 1])),
    frames,
    false,
  );
}

/** A first stage hands on to ten ways; halfway all meet in one stage, and again at the end. */
export function ladderScenario(devices: number, frames: number): Scenario {
  const producers: number[][] = [[]];
  const middle = Math.floor(devices / 2);
  let root = 0;
  let ways: number[] = [];
  for (let index = 1; index < devices; index += 1) {
    if (index === middle || index === devices - 1) {
      producers.push(ways);
      [root, ways] = [index, []];
    } else if (ways.length < WAYS) {
      producers.push([root]);
      ways.push(index);
    } else {
      // The way whose last stage is the oldest goes on.
      producers.push([ways.shift()!]);
      ways.push(index);
    }
  }
  return scenarioOf(producers, frames, true);
}

/** `producers[i]`: the stages that stage i reads; none: the source. */
function scenarioOf(producers: readonly (readonly number[])[], frames: number, quotas: boolean): Scenario {
  const id = (index: number): string => `s${index}`;
  const device = (index: number): string => `d${index}`;
  const tensor = (from: number): TensorSpec => ({ name: `t${from}`, ...TENSOR });
  const stages = producers.map(
    (from, index): Stage => ({
      id: id(index),
      device: device(index),
      layers: '',
      inputs: from.length === 0 ? [{ name: 'input', ...TENSOR }] : from.map(tensor),
      outputs: [tensor(index)],
    }),
  );
  const read = new Set(producers.flat());
  const routes = producers.flatMap((from, index): Route[] =>
    from.length === 0
      ? [{ from: SOURCE, to: id(index), tensors: ['input'], codec: 'none' }]
      : from.map((producer) => ({ from: id(producer), to: id(index), tensors: [`t${producer}`], codec: 'none' })),
  );
  for (const index of producers.keys())
    if (!read.has(index)) routes.push({ from: id(index), to: SINK, tensors: [`t${index}`], codec: 'none' });
  const plan: Plan = { epoch: 1n, stages, routes };
  const pairs = producers.flatMap((from, index) => from.map((producer) => [producer, index] as const));
  return {
    plan,
    devices: stages.map((stage) => (quotas ? { name: stage.device, quota: { cores: 0.8 } } : { name: stage.device, cores: 2 })),
    stages: stages.map((stage) => ({ stage: stage.id, computeMs: { samples: [18, 19, 20, 21, 25] } })),
    routes: routes.map(({ from, to }) => ({ from, to, sendMs: 0.5, receiveMs: 0.5 })),
    media: stages.flatMap((stage) => [
      { name: `${stage.device} out`, bytesPerS: 12_500_000 },
      { name: `${stage.device} in`, bytesPerS: 12_500_000 },
    ]),
    links: pairs.flatMap(([a, b]) =>
      [
        [a, b],
        [b, a],
      ].map(([from, to]) => ({
        from: device(from!),
        to: device(to!),
        latencyMs: 0.3,
        jitterMs: 0.2,
        media: [`${device(from!)} out`, `${device(to!)} in`],
      })),
    ),
    frames,
    window: 4 * producers.length,
    arrivals: { kind: 'closed' },
    seed: 1,
  };
}
