/**
 * Outputs stacked along axis 0 into one .npy file, entry by entry. The number of entries is known only at the end: the header is written
 * with room for it and completed by `close`.
 *
 * Durable: `sync` returns when everything appended so far is on the disk and the header counts it, so that the file is a whole array after
 * a crash, too, and can be continued.
 *
 *     [ header: 57 entries ][ entries 0 … 56 ][ of entry 57, what was written before the crash ]  ──reopen──▶  57 entries, the rest cut off
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { byteLength, formatSpec, type Tensor } from '../../mesh/tensor.ts';
import { formatNpyHeader, parseNpyHeader } from './npy-header.ts';

/** Room for any shape. */
const HEADER_BYTES = 256;

/** What all entries have in common. */
type Entry = Pick<Tensor, 'dtype' | 'dims'>;

export class NpyWriter implements AsyncDisposable {
  readonly path: string;
  readonly #file: FileHandle;
  #entry: Entry | undefined;
  #count = 0;
  #offset = HEADER_BYTES;
  /** It will be continued: what the header counts must be on the disk before the header is. */
  #careful = false;
  #closed = false;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Continues a file that a writer left behind when its process ended, or creates it. Errors: `invalid` when it is not a file of this writer,
   * `denied` when it can't be written.
   */
  static async reopen(path: string, title = path): Promise<NpyWriter> {
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new MeshError('denied', `${title} can't be continued: ${error.message}`, { cause: error });
    });
    const writer = file === undefined ? await NpyWriter.create(path, title) : new NpyWriter(path, file);
    writer.#careful = true;
    try {
      await writer.#recall();
      return writer;
    } catch (error) {
      await writer.#file.close();
      throw error;
    }
  }

  /** Creates or replaces the file, which messages call `title`. Error `denied` when it can't be written. */
  static async create(path: string, title = path): Promise<NpyWriter> {
    try {
      return new NpyWriter(path, await open(path, 'w'));
    } catch (error) {
      const noFolder = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const why = noFolder ? `there is no folder ${dirname(path)}` : (error as Error).message;
      throw new MeshError(
        'denied',
        `${title} can't be written: ${why}`,
        noFolder ? { hint: `mkdir -p ${dirname(path)}`, cause: error } : { cause: error },
      );
    }
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /** Forgets entries from `count` on. */
  async truncate(count: number): Promise<void> {
    if (count > this.#count) throw new RangeError(`${this.path} has ${this.#count} entries and can't be cut to ${count}`);
    this.#count = count;
    this.#offset = HEADER_BYTES + (this.#entry === undefined ? 0 : count * byteLength(this.#entry.dtype, this.#entry.dims));
    await this.sync();
    await this.#file.truncate(this.#offset);
  }

  /** Error `invalid` when dtype or shape differ from the entries before: they can't be stacked. */
  async append(tensor: Tensor): Promise<void> {
    this.#entry ??= { dtype: tensor.dtype, dims: tensor.dims };
    const first = this.#entry;
    if (first.dtype !== tensor.dtype || first.dims.join() !== tensor.dims.join()) {
      throw new MeshError(
        'invalid',
        `output ${this.#count} is ${formatSpec(tensor)}, those before are ${formatSpec(first)}: they can't be stacked`,
        {
          hint: 'give inputs of one shape, or run without --output',
        },
      );
    }
    await writeAt(this.#file, tensor.data, this.#offset);
    this.#offset += tensor.data.byteLength;
    this.#count += 1;
  }

  /** An entry without a value: not-a-number, or zeros where the type has none. Error `invalid` when nothing was appended before that says of what shape. */
  async appendNothing(): Promise<void> {
    if (this.#entry === undefined) throw new MeshError('invalid', `nobody knows the shape of an output that is missing before any other`);
    const { dtype, dims } = this.#entry;
    const data = new Uint8Array(byteLength(dtype, dims));
    if (dtype === 'float32') new Float32Array(data.buffer).fill(Number.NaN);
    else if (dtype === 'float64') new Float64Array(data.buffer).fill(Number.NaN);
    else if (dtype === 'float16') new Uint16Array(data.buffer).fill(0x7e00);
    await this.append({ dtype, dims, data });
  }

  async sync(): Promise<void> {
    if (this.#careful) await this.#file.datasync();
    await this.#writeHeader();
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#writeHeader();
    } finally {
      await this.#file.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the header says is there; what was not counted any more is cut off. */
  async #recall(): Promise<void> {
    const { size } = await this.#file.stat();
    // The process ended before the header was written for the first time.
    if (size < HEADER_BYTES) return await this.#file.truncate(0);
    const { buffer } = await this.#file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    if (buffer.every((byte) => byte === 0)) return await this.#file.truncate(0);
    const { dtype, dims, dataOffset } = parseNpyHeader(buffer, this.path);
    const [count = 0, ...entry] = dims;
    const end = dataOffset + byteLength(dtype, dims);
    if (dataOffset !== HEADER_BYTES || size < end) {
      throw new MeshError('invalid', `${this.path} can't be continued: its header promises ${end} bytes, it has ${size}`);
    }
    if (count > 0) this.#entry = { dtype, dims: entry };
    this.#count = count;
    await this.truncate(count);
  }

  async #writeHeader(): Promise<void> {
    const { dtype, dims } = this.#entry ?? { dtype: 'float32', dims: [] };
    await writeAt(this.#file, formatNpyHeader(dtype, [this.#count, ...dims], HEADER_BYTES), 0);
  }
}

async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, written, bytes.byteLength - written, offset + written);
    written += bytesWritten;
  }
}
