/**
 * From a model to the models of its stages.
 *
 *     file ─ read-model ─▶ Model ─ graph ─▶ ModelGraph ─ layers ─▶ LayeredGraph ─ cut ─▶ layers of each stage ─ split ─▶ StageModel
 *                            └ weights stay in the file ───────────────────────────────────────────── stage-files ─▶ files to deliver
 *
 * A stage is a set of layers. Its model has the nodes of these layers, copies of the constants (and of what is computed from constants)
 * they need, an input for every tensor they read from elsewhere and an output for every tensor read elsewhere. Stages form any DAG; cuts
 * of a chain are one case of it. Stages computed one after the other give exactly what the whole model gives.
 */
import { MeshError } from '../mesh/error.ts';
import { SINK, SOURCE } from '../mesh/frame.ts';
import type { TensorSpec } from '../mesh/tensor.ts';
import { extractModel } from './extract.ts';
import { type GraphNode, isFlowing, type ModelGraph } from './graph.ts';
import type { Facts } from './infer/infer.ts';
import { formatLayers } from './layer-ranges.ts';
import type { LayeredGraph } from './layers.ts';
import type { Model } from './model.ts';
import type { Route } from './plan.ts';
import { tensorSpec } from './tensor-spec.ts';

/** What a stage shall compute, as layers. */
export interface StageLayers {
  /** Unique, neither `source` nor `sink`. */
  readonly id: string;
  readonly layers: readonly number[];
}

/** What a stage shall compute, as nodes. */
export interface StageNodes {
  /** Unique, neither `source` nor `sink`. */
  readonly id: string;
  /** For a person: `1-12`. */
  readonly layers: string;
  readonly layerNumbers: readonly number[];
  readonly nodes: ReadonlySet<GraphNode>;
}

export interface StageModel {
  readonly id: string;
  /** For a person: `1-12`. */
  readonly layers: string;
  readonly layerNumbers: readonly number[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Its weights are those of the whole model, by reference. */
  readonly model: Model;
}

export interface Split {
  /** In the order given, which need not be an order of computation. */
  readonly stages: readonly StageModel[];
  /** Model inputs come from `source`, model outputs go to `sink`. One route for each pair that exchanges tensors. */
  readonly routes: readonly Omit<Route, 'codec'>[];
}

/** The whole model's inputs and outputs, in its order. Error `unsupported` when an element type or rank can't be known. */
export function modelEnds({ graph, facts }: LayeredGraph): {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
} {
  return {
    inputs: graph.inputs.map((name) => tensorSpec(graph, facts, name, 'input')),
    outputs: graph.outputs.map((name) => tensorSpec(graph, facts, name, 'output')),
  };
}

/** Ids `stage1`, `stage2`, … for the stages between cuts (see `stagesOfCuts`). */
export function numberedStages(stages: readonly (readonly number[])[]): readonly StageLayers[] {
  return stages.map((layers, index) => ({ id: `stage${index + 1}`, layers }));
}

/**
 * Every layer must be in exactly one stage. Errors: `usage` for a wrong assignment (a layer missing, unknown or in two stages; a stage
 * without layers or inputs; stages that wait for each other), `unsupported` for a tensor that can't travel.
 */
export function splitModel(layered: LayeredGraph, stages: readonly StageLayers[]): Split {
  const { graph, facts, layerOf } = layered;
  const stageOf = stageOfLayers(layered, stages);
  return splitNodes(
    graph,
    facts,
    stages.map(({ id, layers }) => ({
      id,
      layers: formatLayers(layers),
      layerNumbers: [...layers].sort((a, b) => a - b),
      nodes: new Set(graph.nodes.filter((node) => stageOf[layerOf[node.index]!] === id)),
    })),
  );
}

/**
 * Every node must be in exactly one stage, but for fixed ones, which go wherever they are needed. Errors: `usage` for a stage that reads
 * nothing or stages that wait for each other, `unsupported` for a tensor that can't travel.
 */
export function splitNodes(graph: ModelGraph, facts: Facts, stages: readonly StageNodes[]): Split {
  const flow = flowBetween(graph, stages);
  refuseCycle(stages, flow);
  const models = stages.map(({ id, layers, layerNumbers, nodes }): StageModel => {
    const { inputs, outputs } = flow.get(id)!;
    if (inputs.size === 0) {
      throw new MeshError('usage', `stage ${id} (layers ${layers}) reads nothing that a frame brings`, {
        hint: 'put its layers into the stage that uses them',
      });
    }
    const inputSpecs = [...inputs.keys()].map((name) => tensorSpec(graph, facts, name, 'input'));
    const outputSpecs = [...outputs].map((name) => tensorSpec(graph, facts, name, readers(name, flow).length > 0 ? 'input' : 'output'));
    const model = extractModel(graph, {
      name: `${graph.model.name} ${id}`,
      nodes: graph.nodes.filter((node) => nodes.has(node)),
      inputs: inputSpecs,
      outputs: outputSpecs,
    });
    return { id, layers, layerNumbers, inputs: inputSpecs, outputs: outputSpecs, model };
  });
  return { stages: models, routes: routesOf(graph, flow) };
}

/** Stage id of each layer by its number; index 0, where fixed nodes are, stays empty. */
function stageOfLayers(layered: LayeredGraph, stages: readonly StageLayers[]): readonly (string | undefined)[] {
  const count = layered.layers.length;
  const stageOf = new Array<string | undefined>(count + 1).fill(undefined);
  const ids = new Set<string>([SOURCE, SINK]);
  for (const { id, layers } of stages) {
    if (ids.has(id)) throw new MeshError('usage', `"${id}" can't be the name of a stage: it is used already`);
    ids.add(id);
    if (layers.length === 0) throw new MeshError('usage', `stage ${id} has no layers`);
    for (const layer of layers) {
      if (!Number.isInteger(layer) || layer < 1 || layer > count) {
        throw new MeshError('usage', `stage ${id} has layer ${layer}: ${layered.graph.model.name} has layers 1 to ${count}`);
      }
      if (stageOf[layer] !== undefined) throw new MeshError('usage', `layer ${layer} is in stage ${stageOf[layer]} and in stage ${id}`);
      stageOf[layer] = id;
    }
  }
  const missing = layered.layers.map((layer) => layer.number).filter((layer) => stageOf[layer] === undefined);
  if (missing.length > 0) {
    const which = missing.length === 1 ? `layer ${missing[0]} is` : `layers ${formatLayers(missing)} are`;
    throw new MeshError('usage', `${which} in no stage`, { hint: `each of the layers 1 to ${count} belongs to exactly one stage` });
  }
  return stageOf;
}

/** What a stage reads (each tensor with where it comes from) and what it hands out. */
interface StageFlow {
  readonly inputs: Map<string, string>;
  readonly outputs: Set<string>;
}

type Flow = ReadonlyMap<string, StageFlow>;

function flowBetween(graph: ModelGraph, stages: readonly StageNodes[]): Flow {
  const flow = new Map(stages.map(({ id }): [string, StageFlow] => [id, { inputs: new Map(), outputs: new Set() }]));
  const stageOf = new Map(stages.flatMap(({ id, nodes }) => [...nodes].map((node): [GraphNode, string] => [node, id])));
  const makerOf = (name: string): string => {
    const producer = graph.producers.get(name);
    return producer === undefined ? SOURCE : stageOf.get(producer)!;
  };
  const read = new Map(stages.map(({ id }) => [id, new Set<string>()]));
  for (const node of graph.nodes) {
    if (node.fixed) continue;
    const reader = stageOf.get(node)!;
    for (const name of node.inputs) if (isFlowing(graph, name) && makerOf(name) !== reader) read.get(reader)!.add(name);
  }
  // An output that no layer makes (an input passed through, a constant) is handed out by the last stage.
  const last = stageOf.get(graph.nodes.findLast((node) => !node.fixed)!)!;
  for (const name of graph.outputs) {
    const flowing = isFlowing(graph, name);
    const maker = flowing ? makerOf(name) : last;
    if (maker === SOURCE) read.get(last)!.add(name);
    flow.get(maker === SOURCE ? last : maker)!.outputs.add(name);
  }
  const order = [...graph.inputs, ...graph.producers.keys()];
  for (const { id } of stages) {
    const names = read.get(id)!;
    for (const name of order) {
      if (!names.has(name)) continue;
      flow.get(id)!.inputs.set(name, makerOf(name));
      if (makerOf(name) !== SOURCE) flow.get(makerOf(name))!.outputs.add(name);
    }
  }
  return flow;
}

function readers(name: string, flow: Flow): readonly string[] {
  return [...flow].filter(([, { inputs }]) => inputs.has(name)).map(([id]) => id);
}

/** Takes away stages whose producers are all gone, until none is left or the rest waits for each other. */
function refuseCycle(stages: readonly StageNodes[], flow: Flow): void {
  const waiting = new Set(stages.map(({ id }) => id));
  for (let before = -1; waiting.size !== before; ) {
    before = waiting.size;
    for (const id of waiting) if (![...flow.get(id)!.inputs.values()].some((maker) => waiting.has(maker))) waiting.delete(id);
  }
  if (waiting.size === 0) return;
  const layers = stages.filter(({ id }) => waiting.has(id)).map(({ id, layers }) => `${id} (${layers})`);
  throw new MeshError('usage', `stages ${layers.join(', ')} wait for each other's tensors`, {
    hint: 'move layers between them until each stage only reads from stages before it',
  });
}

function routesOf(graph: ModelGraph, flow: Flow): readonly Omit<Route, 'codec'>[] {
  const routes: Omit<Route, 'codec'>[] = [];
  const collect = (to: string, makers: ReadonlyMap<string, string>) => {
    for (const from of new Set(makers.values())) {
      routes.push({ from, to, tensors: [...makers].filter(([, maker]) => maker === from).map(([name]) => name) });
    }
  };
  for (const [id, { inputs }] of flow) collect(id, inputs);
  collect(SINK, new Map(graph.outputs.map((name) => [name, [...flow].find(([, { outputs }]) => outputs.has(name))![0]])));
  return routes;
}
