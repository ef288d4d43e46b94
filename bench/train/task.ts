/**
 * What both sides train, in files that both can read: the same weights, the same batches, one description of the network.
 *
 *     folder ─ task.json       losses, optimizer, rate, sizes, the nodes of the forward graph, where each tensor lies in weights.bin
 *            ─ weights.bin     raw numbers, one tensor behind the other         ─ examples.bin, labels.bin   float32, int64
 *            ─ step/, forward/ the ONNX files that our side runs
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { dtypeOfCode } from '../../mesh/tensor.ts';
import { LOSS } from '../../mesh/training-tensors.ts';
import { withBatch } from '../../partition/gradient/batch.ts';
import { behind } from '../../partition/gradient/gradient.ts';
import { GraphWriter } from '../../partition/gradient/graph-writer.ts';
import { type Loss, withLosses } from '../../partition/gradient/losses.ts';
import type { Optimizer } from '../../partition/gradient/optimizer.ts';
import { trainingStep } from '../../partition/gradient/training-step.ts';
import { buildGraph, type GraphNode } from '../../partition/graph.ts';
import { inlineTensor } from '../../partition/inline.ts';
import type { Model } from '../../partition/model.ts';
import { stageFiles, writeStageFiles } from '../../partition/stage-files.ts';
import { zooModel } from '../../partition/zoo/catalogue.ts';
import { signals } from './signals.ts';

export interface Setting {
  readonly model: string;
  readonly batch: number;
  readonly losses: readonly Loss[];
  readonly optimizer: Optimizer;
  readonly rate: number;
}

interface Placed extends TensorSpec {
  /** In weights.bin, bytes. */
  readonly offset: number;
  readonly bytes: number;
}

/** task.json. */
export interface Task {
  readonly setting: Setting;
  /** Of one batch. */
  readonly input: TensorSpec;
  /** Different batches, taken in turn. */
  readonly batches: number;
  readonly weights: readonly Placed[];
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes: object;
  }[];
  readonly parameters: readonly string[];
  readonly statistics: readonly string[];
  readonly states: readonly TensorSpec[];
  readonly inputs: readonly string[];
}

const BATCHES = 8;
const SEED = 1;

/** Writes all files; `folder` exists. */
export async function writeTask(folder: string, setting: Setting): Promise<Task> {
  const { batch, losses, optimizer } = setting;
  const model = zooModel(setting.model).build(SEED);
  const forward = forwardOf(withBatch(buildGraph(model), batch), losses);
  const graph = buildGraph(forward);
  const step = trainingStep(model, { batch, losses, optimizer });
  for (const [name, each] of Object.entries({ step: step.model, forward })) {
    mkdirSync(join(folder, name));
    await writeStageFiles(await stageFiles(each), join(folder, name));
  }
  const weights: Placed[] = [];
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of graph.constants.values()) {
    const bytes = inlineTensor(tensor, model.payloads).rawData!;
    weights.push({
      name: tensor.name!,
      dtype: dtypeOfCode(tensor.dataType!),
      dims: tensor.dims.map(Number),
      offset,
      bytes: bytes.byteLength,
    });
    pieces.push(bytes);
    offset += bytes.byteLength;
  }
  const input = step.inputs.find(({ name }) => graph.inputs.includes(name))!;
  const { examples, labels } = signals(batch * BATCHES, input.dims.slice(1), SEED);
  const task: Task = {
    setting,
    input,
    batches: BATCHES,
    weights,
    nodes: graph.nodes.map(described),
    parameters: step.parameters.map(({ name }) => name),
    statistics: step.statistics.map(({ name }) => name),
    states: step.states,
    inputs: step.inputs.map(({ name }) => name),
  };
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(pieces));
  writeFileSync(join(folder, 'examples.bin'), examples);
  writeFileSync(join(folder, 'labels.bin'), labels);
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
  return task;
}

/** Only what the loss reads: a forward pass that a step contains. */
function forwardOf(model: Model, losses: readonly Loss[]): Model {
  const graph = buildGraph(model);
  const matters = behind(buildGraph(withLosses(graph, losses)), LOSS);
  const w = new GraphWriter(graph, 'forward');
  w.keepOutputs(new Set(graph.outputs.filter((name) => matters.has(name))));
  return withoutRest(w.finish(), matters);
}

function withoutRest(model: Model, matters: ReadonlySet<string>): Model {
  const graph = model.proto.graph!;
  const node = graph.node.filter(({ output }) => output.some((name) => matters.has(name)));
  const read = new Set(node.flatMap(({ input }) => input));
  const initializer = graph.initializer.filter(({ name }) => read.has(name!));
  return { ...model, proto: { ...model.proto, graph: { ...graph, node, initializer } } };
}

function described({ operator, proto }: GraphNode): Task['nodes'][number] {
  const attributes = proto.attribute.map(({ name, type, i, f, ints, s }) => {
    const values: Readonly<Record<number, unknown>> = { 1: f, 2: Number(i), 3: s?.toString(), 7: ints.map(Number) };
    return [name, values[type!]] as const;
  });
  return { op: operator, inputs: proto.input, outputs: proto.output, attributes: Object.fromEntries(attributes) };
}
