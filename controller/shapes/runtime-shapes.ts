/**
 * Shapes of models from the runtime: asked once per model and remembered. When it can't tell (it refuses the model, there is no room),
 * static inference stands alone, and the person hears why.
 */
import { freemem } from 'node:os';
import { MeshError } from '../../mesh/error.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { ShapeSource } from '../../partition/load.ts';
import type { ShapeProbe } from '../../partition/probe/shape-probe.ts';
import { stageFiles } from '../../partition/stage-files.ts';
import { bytes } from '../text/format.ts';
import { type Asking, askRuntime } from './ask-runtime.ts';
import { ShapeCache } from './shape-cache.ts';

export interface RuntimeShapesOptions extends Asking {
  readonly cacheDir: string;
  /** It takes a moment now. */
  readonly asking: () => void;
  readonly warn: (message: string) => void;
}

/** Of the memory that is free, what the tensors of one frame may take. */
const MEMORY_SHARE = 0.5;

export class RuntimeShapes implements ShapeSource {
  readonly #options: RuntimeShapesOptions;
  readonly #cache: ShapeCache;

  constructor(options: RuntimeShapesOptions) {
    this.#options = options;
    this.#cache = new ShapeCache(options.cacheDir);
  }

  /** Error `cancelled` when the person stopped it. */
  async measure(probe: ShapeProbe): Promise<readonly TensorSpec[] | undefined> {
    const { asking, signal } = this.#options;
    const files = await stageFiles(probe.model);
    const known = await this.#cache.get(files.model.sha256);
    if (known !== undefined) return known;
    if (probe.bytes > freemem() * MEMORY_SHARE) return this.#unknown(probe, `all its tensors together take ${bytes(probe.bytes)}`);
    asking();
    let found: readonly TensorSpec[];
    try {
      found = await askRuntime(probe, files, this.#options);
    } catch (thrown) {
      if (signal.aborted) throw new MeshError('cancelled', 'interrupted');
      return this.#unknown(probe, MeshError.from(thrown).message);
    }
    await this.#cache
      .put(files.model.sha256, found)
      .catch((error: unknown) => this.#options.warn(`shapes can't be kept for the next time: ${MeshError.from(error).message}`));
    return found;
  }

  disagreement(message: string): void {
    this.#options.warn(`static inference and the runtime contradict each other: ${message}`);
  }

  #unknown(probe: ShapeProbe, reason: string): undefined {
    this.#options.warn(`the runtime could not tell the shapes of ${probe.model.name}, static inference has to do: ${reason}`);
  }
}
