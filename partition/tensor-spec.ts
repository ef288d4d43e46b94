/**
 * From what inference knows about a tensor to what must be known before it can travel: its element type and its rank.
 */
import { MeshError } from '../mesh/error.ts';
import { type DType, dtypeOfCode, type TensorSpec } from '../mesh/tensor.ts';
import type { ModelGraph } from './graph.ts';
import type { Facts } from './infer/infer.ts';

/**
 * As an `input` the rank must be known, because a stage checks what arrives. A final `output` of unknown rank has one unknown dimension
 * here; what arrives says what it is. Error `unsupported` with node and tensor.
 */
export function tensorSpec(graph: ModelGraph, facts: Facts, name: string, use: 'input' | 'output'): TensorSpec {
  const known = facts.get(name);
  const producer = graph.producers.get(name);
  const where = producer === undefined ? `model input "${name}"` : `tensor "${name}" of node "${producer.name}" (${producer.operator})`;
  if (known === undefined || known.dtype === 0) throw unsupported(graph, where, 'the element type is not known');
  if (known.dims === undefined && use === 'input') throw unsupported(graph, where, 'not even the number of dimensions is known');
  return { name, dtype: dtypeOf(graph, where, known.dtype), dims: known.dims ?? [-1] };
}

function dtypeOf(graph: ModelGraph, where: string, code: number): DType {
  try {
    return dtypeOfCode(code);
  } catch (thrown) {
    const cause = MeshError.from(thrown);
    throw new MeshError('unsupported', `${graph.model.name}: ${where}: ${cause.message}`, { cause, hint: 'cut at another place' });
  }
}

function unsupported(graph: ModelGraph, where: string, what: string): MeshError {
  return new MeshError('unsupported', `${graph.model.name}: ${where} can't travel between devices: ${what}`, {
    hint: 'cut at another place, or add the type to the file: python -m onnxruntime.tools.symbolic_shape_infer --input MODEL --output OUT',
  });
}
