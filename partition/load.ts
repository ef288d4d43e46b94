/**
 * What a person means by MODEL: the name of a zoo model, or the path of an .onnx file. Anything with a slash or the ending .onnx is a
 * path; so is a name the zoo does not have when there is such a file.
 */
import { existsSync } from 'node:fs';
import { MeshError } from '../mesh/error.ts';
import { closest } from '../mesh/suggest.ts';
import { buildGraph } from './graph.ts';
import { type LayeredGraph, listLayers } from './layers.ts';
import type { Model } from './model.ts';
import { readModelFile } from './read-model.ts';
import { cachedZooModel } from './zoo/cache.ts';
import { findZooModel, zoo } from './zoo/catalogue.ts';

export interface ResolveOptions {
  /** Where zoo models are kept once they are built. */
  readonly cacheDir: string;
  /** Size of an open batch dimension. Default 1. */
  readonly batch?: number;
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
export async function resolveModel(nameOrPath: string, { cacheDir, batch = 1 }: ResolveOptions): Promise<ResolvedModel> {
  const entry = isPath(nameOrPath) ? undefined : findZooModel(nameOrPath);
  if (entry === undefined && !isPath(nameOrPath) && !existsSync(nameOrPath)) throw unknownModel(nameOrPath);
  const path = entry === undefined ? nameOrPath : await cachedZooModel(entry, cacheDir);
  const name = entry?.name ?? nameOrPath;
  const model: Model = { ...readModelFile(path), name };
  return { name, path, model, layered: listLayers(buildGraph(model), { batch }) };
}

function isPath(text: string): boolean {
  return text.includes('/') || text.endsWith('.onnx');
}

function unknownModel(name: string): MeshError {
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
