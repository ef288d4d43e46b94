/** A model's layers as the planner's workload: what flows where, and what the source and the sink exchange with whom. */

import { STAGE_PROCESS_BYTES } from '../../mesh/stage-memory.ts';
import { layerFlow } from '../../partition/cuts/layer-flow.ts';
import { isFlowing } from '../../partition/graph.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { bytesOf } from '../../partition/tensor-bytes.ts';
import type { Workload } from '../scheduler/pipeline/workload.ts';

/** Without times: what holds on all devices. A size that is not known counts as 0 at the model's ends; between layers it keeps a cut from being made. */
export function modelWorkload(layered: LayeredGraph): Omit<Workload, 'compute' | 'segments'> {
  const { graph, facts, layers, layerOf } = layered;
  const sizeOf = (name: string): number => bytesOf(name, facts) ?? 0;
  const last = layers.length;
  return {
    flow: layerFlow(layered),
    inputs: graph.inputs.map((name) => {
      const readers = new Set((graph.consumers.get(name) ?? []).map((reader) => layerOf[reader.index]!));
      // An input that is an output as well is handed out by the last stage; see partition's split.
      if (graph.outputs.includes(name)) readers.add(last);
      return { readers: [...readers].filter((layer) => layer > 0).sort((a, b) => a - b), bytes: sizeOf(name) };
    }),
    outputs: graph.outputs.map((name) => {
      const maker = graph.producers.get(name);
      return { maker: isFlowing(graph, name) && maker !== undefined ? layerOf[maker.index]! : last, bytes: sizeOf(name) };
    }),
    memoryBytes: [0, ...layers.map(({ weightBytes }) => weightBytes)],
    stageMemoryBytes: STAGE_PROCESS_BYTES,
  };
}
