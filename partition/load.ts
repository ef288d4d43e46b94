/**
 * What a person means by MODEL: the name of a zoo model, or the path of an .onnx file. Anything with a slash or the ending .onnx is a
 * path; so is a name the zoo does not have when there is such a file.
 */
import { existsSync } from 'node:fs';
import { MeshError } from '../mesh/error.ts';
import { closest } from '../mesh/suggest.ts';
import type { TensorSpec } from '../mesh/tensor.ts';
import { buildGraph, type ModelGraph } from './graph.ts';
import { type Facts, inferFacts } from './infer/infer.ts';
import { type LayeredGraph, listLayers } from './layers.ts';
import type { Model } from './model.ts';
import { reconcile } from './probe/reconcile.ts';
import { type ShapeProbe, shapeProbe } from './probe/shape-probe.ts';
import { readModelFile } from './read-model.ts';
import { cachedZooModel } from './zoo/cache.ts';
import { findZooModel, zoo } from './zoo/catalogue.ts';

/** Somebody with a runtime. */
export interface ShapeSource {
  /** Runs the probe once on zeros: what its outputs are. undefined when that can't be told; then static inference stands alone. */
  measure(probe: ShapeProbe): Promise<readonly TensorSpec[] | undefined>;
  /** Is told, a sentence each, where runtime and static inference contradict each other. */
  disagreement(message: string): void;
}

export interface ResolveOptions {
  /** Where zoo models are kept once they are built. */
  readonly cacheDir: string;
  /** Size of an open batch dimension. Default 1. */
  readonly batch?: number;
  /** Without it shapes are what static inference knows. */
  readonly shapes?: ShapeSource;
}

export interface ResolvedModel {
  /** The zoo's name (never an alias), or the path as given. */
  readonly name: string;
  /** The file it was read from. */
  readonly path: string;
  readonly model: Model;
  readonly layered: LayeredGraph;
}

/**
 * Reads the model and forms its layers. Errors: `not-found` for an unknown name or file, and those of `readModelFile` and `buildGraph`.
 * Building a zoo model for the first time takes up to some seconds.
 */
export async function resolveModel(nameOrPath: string, { cacheDir, batch = 1, shapes }: ResolveOptions): Promise<ResolvedModel> {
  const entry = isModelPath(nameOrPath) ? undefined : findZooModel(nameOrPath);
  if (entry === undefined && !isModelPath(nameOrPath) && !existsSync(nameOrPath)) throw unknownModel(nameOrPath);
  const path = entry === undefined ? nameOrPath : await cachedZooModel(entry, cacheDir);
  const name = entry?.name ?? nameOrPath;
  const model: Model = { ...readModelFile(path), name };
  const graph = buildGraph(model);
  const known = shapes === undefined ? undefined : await measured(graph, batch, shapes);
  return { name, path, model, layered: listLayers(graph, known === undefined ? { batch } : { batch, known }) };
}

async function measured(graph: ModelGraph, batch: number, shapes: ShapeSource): Promise<Facts | undefined> {
  const facts = inferFacts(graph, { batch });
  const probe = shapeProbe(graph, facts);
  const specs = probe === undefined ? undefined : await shapes.measure(probe);
  if (specs === undefined) return undefined;
  const { known, disagreements } = reconcile(graph, facts, specs);
  for (const message of disagreements) shapes.disagreement(message);
  return known;
}

/** Not the name of a model that comes with splitmesh. */
export function isModelPath(text: string): boolean {
  return text.includes('/') || text.endsWith('.onnx');
}

/** Error `not-found` with names that are near. */
export function unknownModel(name: string): MeshError {
  const names = zoo.map((entry) => entry.name);
  const near = closest(
    name,
    zoo.flatMap((entry) => [entry.name, ...entry.aliases]),
  );
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'give one of these names or the path of an .onnx file';
  return new MeshError('not-found', `there is no model "${name}"; those that come with splitmesh are ${names.join(', ')}`, {
    hint,
  });
}
