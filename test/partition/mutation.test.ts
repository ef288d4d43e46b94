/**
 * Models that are broken in their structure, not in their bytes: whatever is done to a good one, the answer is a split or a MeshError, soon and
 * without a lot of memory.
 */
import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../mesh/error.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import { prefixCuts } from '../../partition/cuts/crossing.ts';
import { layerFlow } from '../../partition/cuts/layer-flow.ts';
import { buildGraph } from '../../partition/graph.ts';
import { listLayers } from '../../partition/layers.ts';
import { readModel } from '../../partition/read-model.ts';
import { numberedStages, splitModel } from '../../partition/split.ts';
import { ModelProto, type NodeProto } from '../../proto/gen/onnx/onnx.ts';
import { modelBytes } from './support/build.ts';
import { cook, recipes } from './support/random-graph.ts';

/** Sizes that people mistype, exporters get wrong, and attackers like. */
const numbers = fc.constantFrom(-(2n ** 63n), -7n, -1n, 0n, 1n, 3n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n);
const operators = fc.constantFrom(
  'Conv',
  'Gemm',
  'MatMul',
  'Reshape',
  'Concat',
  'Slice',
  'LSTM',
  'If',
  'Loop',
  'Resize',
  'Tile',
  'Expand',
  'Nonsense',
  '',
);

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('swap inputs' as const), at: fc.nat(), with: fc.nat() }),
  fc.record({ kind: fc.constant('rename output' as const), at: fc.nat(), with: fc.nat() }),
  fc.record({ kind: fc.constant('operator' as const), at: fc.nat(), to: operators }),
  fc.record({ kind: fc.constant('attribute' as const), at: fc.nat(), to: numbers }),
  fc.record({ kind: fc.constant('dimension' as const), at: fc.nat(), to: numbers }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(proto: ModelProto, change: Mutation): void {
  const graph = proto.graph!;
  const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
  const node = pick(graph.node, change.at);
  if (node === undefined) return;
  switch (change.kind) {
    case 'drop':
      graph.node.splice(graph.node.indexOf(node), 1);
      return;
    case 'repeat':
      graph.node.push(node);
      return;
    case 'swap inputs': {
      const other = pick(graph.node, change.with)!;
      [node.input, other.input] = [other.input, node.input];
      return;
    }
    case 'rename output':
      node.output[0] = namesOf(graph.node)[change.with % namesOf(graph.node).length] ?? 'x';
      return;
    case 'operator':
      node.opType = change.to;
      return;
    case 'attribute':
      for (const attribute of node.attribute) {
        if (attribute.ints.length > 0) attribute.ints[change.at % attribute.ints.length] = change.to;
        else attribute.i = change.to;
      }
      return;
    case 'dimension': {
      const input = pick(graph.input, change.at);
      const dims = input?.type?.value?.$case === 'tensorType' ? input.type.value.value.shape?.dim : undefined;
      if (dims !== undefined && dims.length > 0) dims[change.at % dims.length]!.value = { $case: 'dimValue', value: change.to };
    }
  }
}

function namesOf(nodes: readonly NodeProto[]): string[] {
  return nodes.flatMap((node) => [...node.input, ...node.output]);
}

test('whatever is done to the structure of a model, the answer is a split or a MeshError', (t) => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(recipes, fc.array(mutation, { minLength: 1, maxLength: 5 }), fc.nat(), (recipe, changes, choice) => {
      const proto = ModelProto.decode(modelBytes(cook(recipe)));
      for (const change of changes) mutate(proto, change);
      let outcome = 'split';
      try {
        const layered = listLayers(buildGraph(readModel(ModelProto.encode(proto).finish(), 'changed')), { batch: 1 });
        const cuts = prefixCuts(layerFlow(layered));
        if (cuts.length === 0) outcome = 'one layer';
        else splitModel(layered, numberedStages(stagesOfCuts(layered, [`layer${1 + (choice % cuts.length)}`])));
      } catch (thrown) {
        if (!(thrown instanceof MeshError)) throw thrown;
        if (thrown.message.length > 2_000) throw thrown;
        outcome = thrown.code;
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 3_000 },
  );
  t.log(Object.fromEntries(outcomes));
  for (const seen of ['split', 'invalid', 'unsupported']) t.true((outcomes.get(seen) ?? 0) > 30, `${seen}: ${outcomes.get(seen)}`);
});
