/** A mesh that can be broken, a model on it, and what comes out when nobody breaks anything. */
import type { Scope } from '../helpers/scope.ts';
import { unfaultedHash } from '../system/broken-run.ts';
import { writeModelFile } from '../system/run-models.ts';
import { ChaosMesh } from './chaos-mesh.ts';

export interface ChaosWorld {
  readonly chaos: ChaosMesh;
  /** Path of a model of three layers. */
  readonly model: string;
  /** SHA-256 of the outputs of all frames. */
  readonly untouched: string;
}

export async function startChaos(scope: Scope, frames: number): Promise<ChaosWorld> {
  const chaos = await ChaosMesh.start(scope);
  const model = await writeModelFile(chaos.mesh.folder, 'chain');
  return { chaos, model, untouched: await unfaultedHash(chaos.mesh, model, frames, chaos.flags) };
}
