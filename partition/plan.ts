/**
 * A plan says which stage runs where and which tensors travel between them.
 *
 *     source ──▶ stage ──▶ stage ──▶ sink          a chain is only the common case: stages form a DAG,
 *        └─────▶ stage ─────┘                     a stage fires when all its inputs for a frame are there
 *
 * Plain frozen data: made by a planner or by hand, checked by `checkPlan`, carried out by the controller.
 */
import { MeshError } from '../mesh/error.ts';
import { SINK, SOURCE } from '../mesh/frame.ts';
import type { TensorSpec } from '../mesh/tensor.ts';

export type CodecName = 'none' | 'lz4' | 'auto';

/** A stage's sub-model with the tensors that enter and leave it. */
export interface Stage {
  readonly id: string;
  readonly device: string;
  /** For a person: `1-12`, or node names. */
  readonly layers: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Tensors that go from one stage (or `source`) to another (or `sink`), in this order, on one stream. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly tensors: readonly string[];
  readonly codec: CodecName;
}

export interface Plan {
  readonly epoch: bigint;
  readonly stages: readonly Stage[];
  readonly routes: readonly Route[];
}

/**
 * Error `invalid` with the stage, route or tensor that is wrong: ids unique and neither `source` nor `sink`; routes between existing ends,
 * with tensors that the producer makes; every input of a stage on exactly one route; no two routes between the same ends; no cycle.
 */
export function checkPlan(plan: Plan): void {
  const stages = new Map<string, Stage>();
  for (const stage of plan.stages) {
    if (stage.id === '' || stage.id === SOURCE || stage.id === SINK || stages.has(stage.id)) {
      throw wrong(`"${stage.id}" can't be the id of a stage: it is ${stages.has(stage.id) ? 'used twice' : 'reserved'}`);
    }
    stages.set(stage.id, stage);
  }
  if (stages.size === 0) throw wrong('it has no stages');
  const arriving = new Map(plan.stages.map((stage) => [stage.id, new Set<string>()]));
  const pairs = new Set<string>();
  const delivered = new Set<string>();
  for (const route of plan.routes) {
    checkRoute(route, stages);
    const pair = JSON.stringify([route.from, route.to]);
    if (pairs.has(pair)) throw wrong(`two routes go from ${route.from} to ${route.to}; put their tensors on one`);
    pairs.add(pair);
    const received = arriving.get(route.to) ?? delivered;
    for (const tensor of route.tensors) {
      if (received.has(tensor)) throw wrong(`tensor "${tensor}" arrives at ${route.to} twice`);
      received.add(tensor);
    }
  }
  for (const stage of plan.stages) {
    const missing = stage.inputs.find((input) => !arriving.get(stage.id)!.has(input.name));
    if (missing !== undefined) throw wrong(`no route brings tensor "${missing.name}" to stage ${stage.id}`);
    if (stage.inputs.length === 0) throw wrong(`stage ${stage.id} has no inputs, so nothing would ever start it`);
  }
  if (delivered.size === 0) throw wrong('no route goes to the sink');
  refuseCycle(plan);
}

function checkRoute({ from, to, tensors }: Route, stages: ReadonlyMap<string, Stage>): void {
  const [producer, consumer] = [stages.get(from), stages.get(to)];
  if (producer === undefined && from !== SOURCE) throw wrong(`a route comes from "${from}", which is neither a stage nor ${SOURCE}`);
  if (consumer === undefined && to !== SINK) throw wrong(`a route goes to "${to}", which is neither a stage nor ${SINK}`);
  if (from === SOURCE && to === SINK) throw wrong('a route goes from the source straight to the sink');
  if (tensors.length === 0) throw wrong(`the route from ${from} to ${to} carries no tensors`);
  for (const tensor of tensors) {
    if (producer !== undefined && !producer.outputs.some((output) => output.name === tensor)) {
      throw wrong(`the route from ${from} to ${to} carries "${tensor}", which ${from} does not make`);
    }
    if (consumer !== undefined && !consumer.inputs.some((input) => input.name === tensor)) {
      throw wrong(`the route from ${from} to ${to} carries "${tensor}", which ${to} does not read`);
    }
  }
}

function refuseCycle(plan: Plan): void {
  const waiting = new Set(plan.stages.map((stage) => stage.id));
  for (let before = -1; waiting.size !== before; ) {
    before = waiting.size;
    for (const id of waiting) if (!plan.routes.some((route) => route.to === id && waiting.has(route.from))) waiting.delete(id);
  }
  if (waiting.size > 0) throw wrong(`stages ${[...waiting].join(', ')} wait for each other`);
}

function wrong(what: string): MeshError {
  return new MeshError('invalid', `the plan can't be carried out: ${what}`);
}
