/**
 * A plan says which stage runs where and which tensors travel between them.
 *
 *     source ──▶ stage ──▶ stage ──▶ sink          a chain is only the common case: stages form a DAG,
 *        └─────▶ stage ─────┘                     a stage fires when all its inputs for a frame are there
 *
 *     source ─0,2,4─▶ stage-1 ─0,2,4─▶ sink       replicas: the same sub-model on several devices, which take turns with the frames;
 *        └────1,3,5─▶ stage-2 ─1,3,5───┘          to the plan they are stages like others, whose routes carry only their turns
 *
 * Plain frozen data: made by a planner or by hand, checked by `checkPlan`, carried out by the controller.
 */
import { MeshError } from '../mesh/error.ts';
import { SINK, SOURCE } from '../mesh/frame.ts';
import type { TensorSpec } from '../mesh/tensor.ts';
import { checkTurns, maskOf, periodOf, type Turns } from '../mesh/turns.ts';

/** How tensors travel: a codec by its name, `none` as they are, `auto` as measurement says while the run goes on. */
export type CodecName = string;

export const AUTO_CODEC = 'auto';

/** A stage's sub-model with the tensors that enter and leave it. */
export interface Stage {
  readonly id: string;
  readonly device: string;
  /** For a person: `1-12`, or node names. */
  readonly layers: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Of a replica: id of the stage, before it was replicated. */
  readonly replicaOf?: string;
}

/** Tensors that go from one stage (or `source`) to another (or `sink`), in this order, on one stream. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly tensors: readonly string[];
  readonly codec: CodecName;
  /** The frames this route carries. Absent: every frame. */
  readonly turns?: Turns;
}

export interface Plan {
  readonly epoch: bigint;
  readonly stages: readonly Stage[];
  readonly routes: readonly Route[];
}

/**
 * Error `invalid` with the stage, route or tensor that is wrong: ids unique and neither `source` nor `sink`; routes between existing ends,
 * with tensors that the producer makes; no two routes between the same ends; no cycle. Of each frame that a stage gets, every input is on
 * exactly one route; a stage's routes carry the frames it gets and no others; each tensor of each frame that the sink gets arrives there once.
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
  const pairs = new Set<string>();
  for (const route of plan.routes) {
    checkRoute(route, stages);
    const pair = JSON.stringify([route.from, route.to]);
    if (pairs.has(pair)) throw wrong(`two routes go from ${route.from} to ${route.to}; put their tensors on one`);
    pairs.add(pair);
  }
  checkFrames(plan);
  refuseCycle(plan);
}

/** Which frames go where, within one period of all turns. */
function checkFrames(plan: Plan): void {
  const period = periodOf(plan.routes.map(({ turns }) => turns));
  const into = (id: string) => arrivalsAt(id, plan.routes, period);
  const got = new Map<string, Uint8Array>();
  for (const { id, inputs } of plan.stages) {
    if (inputs.length === 0) throw wrong(`stage ${id} has no inputs, so nothing would ever start it`);
    const arriving = into(id);
    const [first, ...others] = inputs.map(({ name }) => name);
    for (const { name } of inputs) if (!arriving.has(name)) throw wrong(`no route brings tensor "${name}" to stage ${id}`);
    const frames = arriving.get(first!)!;
    for (const name of others) {
      const frame = firstDifference(frames, arriving.get(name)!);
      if (frame === undefined) continue;
      const [there, missing] = frames[frame] === 1 ? [first, name] : [name, first];
      throw wrong(`stage ${id} gets tensor "${there}" of frame ${frame}, but no route brings it "${missing}"`);
    }
    got.set(id, frames);
  }
  for (const [id, frames] of got) checkLeaving(id, frames, plan.routes);
  const delivered = into(SINK);
  if (delivered.size === 0) throw wrong('no route goes to the sink');
  for (const [tensor, frames] of delivered) {
    if (frames.includes(0)) throw wrong(`no route brings tensor "${tensor}" of frame ${frames.indexOf(0)} to the sink`);
  }
}

/** What leaves a stage is of the frames it gets, and of all of them, if anything leaves it. */
function checkLeaving(id: string, frames: Uint8Array, routes: readonly Route[]): void {
  const leaving = new Uint8Array(frames.length);
  for (const { from, to, turns } of routes) {
    if (from !== id) continue;
    for (const [frame, carries] of maskOf(turns, frames.length).entries()) {
      if (carries > frames[frame]!) throw wrong(`the route from ${from} to ${to} carries frame ${frame}, which ${from} does not get`);
      leaving[frame]! |= carries;
    }
  }
  const wasted = firstDifference(frames, leaving);
  if (wasted !== undefined && leaving.includes(1)) throw wrong(`stage ${id} gets frame ${wasted}, but no route carries anything of it on`);
}

/** Tensor → the frames of it that arrive, as a mask. */
function arrivalsAt(id: string, routes: readonly Route[], period: number): Map<string, Uint8Array> {
  const arriving = new Map<string, Uint8Array>();
  for (const { tensors, turns } of routes.filter(({ to }) => to === id)) {
    const carried = maskOf(turns, period);
    for (const tensor of tensors) {
      const frames = arriving.get(tensor) ?? new Uint8Array(period);
      for (const [frame, carries] of carried.entries()) {
        if (carries === 0) continue;
        if (frames[frame] === 1) throw wrong(`tensor "${tensor}" arrives at ${id} twice${period === 1 ? '' : ` in frame ${frame}`}`);
        frames[frame] = 1;
      }
      arriving.set(tensor, frames);
    }
  }
  return arriving;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const found = a.findIndex((each, index) => each !== b[index]);
  return found < 0 ? undefined : found;
}

function checkRoute({ from, to, tensors, turns }: Route, stages: ReadonlyMap<string, Stage>): void {
  const [producer, consumer] = [stages.get(from), stages.get(to)];
  if (producer === undefined && from !== SOURCE) throw wrong(`a route comes from "${from}", which is neither a stage nor ${SOURCE}`);
  if (consumer === undefined && to !== SINK) throw wrong(`a route goes to "${to}", which is neither a stage nor ${SINK}`);
  if (from === SOURCE && to === SINK) throw wrong('a route goes from the source straight to the sink');
  if (tensors.length === 0) throw wrong(`the route from ${from} to ${to} carries no tensors`);
  if (turns !== undefined) checkTurns(turns, `the route from ${from} to ${to}`);
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
