/** What is asked of a profiler when the model itself is there: its characteristics, and how much goes in and comes out as far as the file says. */
import { MeshError } from '../../../mesh/error.ts';
import { byteLength } from '../../../mesh/tensor.ts';
import { optional } from '../../../mesh/wire-number.ts';
import { buildGraph, type ModelGraph } from '../../../partition/graph.ts';
import { type Facts, inferFacts } from '../../../partition/infer/infer.ts';
import { readModelFile } from '../../../partition/read-model.ts';
import { tensorSpec } from '../../../partition/tensor-spec.ts';
import { characteristicsOf } from '../../profiler/characteristics.ts';
import type { ProfiledSubject } from './profiler-port.ts';

/** A batch of one. Errors: those of readModelFile and buildGraph. */
export function inspectModel(path: string, name: string): ProfiledSubject {
  const graph = buildGraph({ ...readModelFile(path), name });
  const facts = inferFacts(graph, { batch: 1 });
  return {
    model: name,
    characteristics: characteristicsOf(graph),
    ...optional('inputBytes', bytesOf(graph, facts, 'input')),
    ...optional('outputBytes', bytesOf(graph, facts, 'output')),
    onnxPath: path,
  };
}

/** Undefined when a type or a dimension is open. */
function bytesOf(graph: ModelGraph, facts: Facts, use: 'input' | 'output'): number | undefined {
  try {
    const specs = (use === 'input' ? graph.inputs : graph.outputs).map((name) => tensorSpec(graph, facts, name, use));
    if (specs.some(({ dims }) => dims.some((dim) => dim < 0))) return undefined;
    return specs.reduce((sum, { dtype, dims }) => sum + byteLength(dtype, dims), 0);
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}
