/**
 * What the runtime said about the shapes of models, on disk: one file per model, named by the digest of its probe, which has everything
 * that shapes can depend on (nodes, sizes, small constants) and no weights. A file that is damaged counts as missing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../mesh/make-folders.ts';
import { dtypes, type TensorSpec } from '../../mesh/tensor.ts';
import { writeAside } from '../../mesh/write-aside.ts';

/** Changes when what a file means does. */
const FORMAT = 1;

export class ShapeCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(digest: string): Promise<readonly TensorSpec[] | undefined> {
    try {
      const { format, tensors } = JSON.parse(await readFile(this.#path(digest), 'utf8')) as { format?: unknown; tensors?: unknown };
      return format === FORMAT && Array.isArray(tensors) && tensors.every(isSpec) ? tensors : undefined;
    } catch {
      // Not there, not readable, or cut off: it is measured again.
      return undefined;
    }
  }

  /** Error: of the file system. */
  async put(digest: string, tensors: readonly TensorSpec[]): Promise<void> {
    await makeFolders(this.#folder);
    await writeAside(this.#path(digest), (aside) => writeFile(aside, `${JSON.stringify({ format: FORMAT, tensors })}\n`));
  }

  #path(digest: string): string {
    return join(this.#folder, `shapes-${digest}.json`);
  }
}

function isSpec(value: unknown): value is TensorSpec {
  if (typeof value !== 'object' || value === null) return false;
  const { name, dtype, dims } = value as Record<string, unknown>;
  const sizes = Array.isArray(dims) && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  return typeof name === 'string' && typeof dtype === 'string' && Object.hasOwn(dtypes, dtype) && sizes;
}
