/**
 * Frames from an .npy file, read one at a time by offset: a file of any size costs the memory of one frame.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { byteLength, type DType, type Tensor } from '../../mesh/tensor.ts';
import { npyHeaderBytes, parseNpyHeader } from './npy-header.ts';

export class NpyReader implements AsyncDisposable {
  readonly path: string;
  readonly dtype: DType;
  /** Of the whole array; the first axis is the frame. */
  readonly dims: readonly number[];
  readonly #file: FileHandle;
  readonly #dataOffset: number;

  private constructor(path: string, file: FileHandle, header: { dtype: DType; dims: readonly number[]; dataOffset: number }) {
    this.path = path;
    this.#file = file;
    this.dtype = header.dtype;
    this.dims = header.dims;
    this.#dataOffset = header.dataOffset;
  }

  /** Errors: `not-found`, or `invalid` when the file is no complete .npy file of a dtype we know. */
  static async open(path: string): Promise<NpyReader> {
    const file = await openToRead(path);
    try {
      const start = await readAt(file, 0, 12);
      const header = parseNpyHeader(await readAt(file, 0, npyHeaderBytes(start, path)), path);
      const expected = header.dataOffset + byteLength(header.dtype, header.dims);
      const { size } = await file.stat();
      if (size < expected) throw new MeshError('invalid', `${path} is cut short: it has ${size} bytes, its header promises ${expected}`);
      return new NpyReader(path, file, header);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Entries along the first axis; a scalar is one. */
  get count(): number {
    return this.dims[0] ?? 1;
  }

  /** The `index`-th entry along the first axis, with the remaining dimensions as its shape. */
  async entry(index: number): Promise<Tensor> {
    const dims = this.dims.slice(1);
    const bytes = byteLength(this.dtype, dims);
    const data = await readAt(this.#file, this.#dataOffset + index * bytes, bytes);
    if (data.byteLength !== bytes)
      throw new MeshError('invalid', `${this.path} ended at entry ${index} of ${this.count}: it was cut while being read`);
    return { dtype: this.dtype, dims, data };
  }

  /** The whole array. */
  async all(): Promise<Tensor> {
    const bytes = byteLength(this.dtype, this.dims);
    return { dtype: this.dtype, dims: this.dims, data: await readAt(this.#file, this.#dataOffset, bytes) };
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new MeshError(
      missing ? 'not-found' : 'invalid',
      `${path} can't be read: ${missing ? 'there is no such file' : (error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** Up to `bytes` bytes from `offset`; fewer at the end of the file. */
async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(data, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) return data.subarray(0, filled);
    filled += bytesRead;
  }
  return data;
}
