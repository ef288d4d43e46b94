/**
 * Static inference and the runtime, brought together. The runtime ran the model once on zeros, with size 1 wherever the model leaves a size
 * open; what it saw is a fact only as far as it would be the same for every frame:
 *
 *     element type, number of dimensions     always
 *     sizes                                  unless they depend on an open input size, or on data (NonZero, a shape that is computed)
 *
 * Where both know something they must agree; where they do not, nothing is known, and somebody should hear of it.
 */
import { dtypeOfCode, dtypes, formatSpec, type TensorSpec } from '../../mesh/tensor.ts';
import type { GraphNode, ModelGraph } from '../graph.ts';
import { type Fact, fact, knownValues, unknown } from '../infer/fact.ts';
import type { Facts } from '../infer/infer.ts';

export interface Reconciled {
  /** What the runtime adds, or takes back. */
  readonly known: Facts;
  /** Tensors on which the two contradict each other, each a sentence. */
  readonly disagreements: readonly string[];
}

/** `facts`: static inference alone. `measured`: what the runtime saw; tensors may be missing. */
export function reconcile(graph: ModelGraph, facts: Facts, measured: readonly TensorSpec[]): Reconciled {
  const seen = new Map(measured.map((spec) => [spec.name, spec]));
  const known = new Map<string, Fact>();
  const disagreements: string[] = [];
  const varying = new Set(graph.inputs.filter((name) => facts.get(name)?.dims?.includes(-1) ?? true));
  for (const node of graph.nodes) {
    if (node.fixed) continue;
    const varies = node.inputs.some((name) => varying.has(name)) || dependsOnData(node, facts);
    for (const name of node.outputs) {
      const inferred = facts.get(name) ?? unknown;
      const spec = seen.get(name);
      const settled = inferred.dims !== undefined && !inferred.dims.includes(-1);
      if (varies && !settled) varying.add(name);
      if (spec === undefined) continue;
      const code = dtypes[spec.dtype].code;
      known.set(name, fact(code, varying.has(name) ? spec.dims.map(() => -1) : spec.dims));
      if (!contradicts(inferred, code, spec.dims)) continue;
      disagreements.push(
        `tensor "${name}" of node "${node.name}" (${node.operator}) should be ${factText(inferred)}; the runtime has ${formatSpec(spec)}`,
      );
    }
  }
  return { known, disagreements };
}

function contradicts(inferred: Fact, code: number, dims: readonly number[]): boolean {
  if (inferred.dtype !== 0 && inferred.dtype !== code) return true;
  if (inferred.dims === undefined) return false;
  return inferred.dims.length !== dims.length || inferred.dims.some((dim, axis) => dim !== -1 && dim !== dims[axis]);
}

function factText({ dtype, dims }: Fact): string {
  if (dims === undefined) return dtypeOfCode(dtype);
  return formatSpec({ dtype: dtypeOfCode(dtype), dims });
}

/** Operators whose output sizes depend on what is in their inputs. */
const dataDependent = new Set([
  ...['NonZero', 'NonMaxSuppression', 'Unique', 'Compress', 'If', 'Loop', 'Scan', 'StringSplit', 'ImageDecoder'],
  ...['SequenceAt', 'ConcatFromSequence', 'OptionalGetElement', 'MelWeightMatrix'],
]);

/** Inputs that say how large the output is, by position. */
const sizeInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Slice: [1, 2, 3, 4],
  Tile: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  ConstantOfShape: [0],
  OneHot: [1],
  TopK: [1],
  Resize: [2, 3],
  Upsample: [1],
  Split: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  CenterCropPad: [1],
  AffineGrid: [1],
  Col2Im: [1, 2],
  MaxUnpool: [2],
  DFT: [1, 2],
  STFT: [1, 3],
  HannWindow: [0],
  HammingWindow: [0],
  BlackmanWindow: [0],
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((each) => [`Reduce${each}`, [1]]),
  ),
};

/** Operators of other domains than Microsoft's, and functions, may do anything. */
function dependsOnData(node: GraphNode, facts: Facts): boolean {
  if (dataDependent.has(node.operator)) return true;
  if (node.operator.includes('.')) return !node.operator.startsWith('com.microsoft.');
  return (sizeInputs[node.operator] ?? []).some((position) => {
    const name = node.proto.input[position] ?? '';
    return name !== '' && knownValues(facts.get(name) ?? unknown) === undefined;
  });
}
