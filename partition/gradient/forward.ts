/**
 * A model as it is run, for a batch, with parameters and statistics as inputs: what a training looks at how good it is with, on the very tensors that it
 * trains.
 *
 *     batch, parameters, statistics ──▶ forward ──▶ one output (scores before their softmax)
 */
import { buildGraph, type ModelGraph } from '../graph.ts';
import type { Model } from '../model.ts';
import { withBatch } from './batch.ts';
import { GraphWriter } from './graph-writer.ts';
import { beforeSoftmax } from './losses.ts';

export interface Forward {
  readonly model: Model;
  /** Its only output: `output`, or what is before its softmax. */
  readonly output: string;
}

/** `kept`: initializers that become inputs, as far as the output depends on them. Errors: those of `withBatch`. */
export function forward(model: Model, batch: number, output: string, kept: readonly string[]): Forward {
  const whole = buildGraph(withBatch(buildGraph(model), batch));
  const name = beforeSoftmax(whole, output);
  const graph = onlyWith(whole, name);
  const w = new GraphWriter(graph, 'forward');
  for (const each of kept) if (graph.initializers.has(each)) w.lift(each);
  return { model: w.finish(), output: name };
}

/** Without nodes and constants that it does not need. */
function onlyWith(graph: ModelGraph, output: string): ModelGraph {
  const w = new GraphWriter(graph, 'alone');
  w.keepOutputs(new Set([output]));
  w.output(w.value(output));
  const only = buildGraph(w.finish());
  const needed = new Set(only.nodes.flatMap(({ inputs }) => inputs));
  const initializer = only.proto.initializer.filter(({ name }) => needed.has(name));
  const node = only.nodes.map(({ proto }) => proto);
  return buildGraph({ ...only.model, proto: { ...only.model.proto, graph: { ...only.proto, node, initializer } } });
}
