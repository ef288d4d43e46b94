/**
 * A zip archive (PKWARE's APPNOTE.TXT) that is the same whenever and wherever it is written: all entries have the same time.
 * Contents come in parts, so that only what is compressed lies in memory.
 */
import { Zip, ZipDeflate } from 'fflate';
import { MeshError } from '../../mesh/error.ts';
import { ByteParts } from './byte-parts.ts';

/** Of compression, the fastest: the usual one made a large workbook an eighth smaller. */
const LEVEL = 1;
/** Sizes and places have 32 bits; the archive's end needs some. */
const BYTES_MAX = 2 ** 32 - 2 ** 20;

export class ZipArchive {
  readonly #out = new ByteParts();
  readonly #zip: Zip;
  /** The format's first moment. Archives have local times: in every zone this one has the same bytes. */
  readonly #time = new Date(1980, 0, 1);

  constructor() {
    this.#zip = new Zip((error, part) => {
      if (error !== null) throw error;
      this.#out.push(part);
    });
  }

  /** `comment`: of the entry, for whoever lists the archive. Error `unsupported`: more than an archive can hold. */
  add(name: string, parts: Iterable<Uint8Array>, comment?: string): void {
    const entry = new ZipDeflate(name, { level: LEVEL });
    entry.mtime = this.#time;
    if (comment !== undefined) entry.comment = comment;
    this.#zip.add(entry);
    let length = 0;
    for (const part of parts) {
      length += part.length;
      if (length > BYTES_MAX || this.#out.length > BYTES_MAX) {
        throw new MeshError('unsupported', `${name}: a zip archive holds up to 4 GiB`, { hint: 'write parquet' });
      }
      entry.push(part);
    }
    entry.push(new Uint8Array(), true);
  }

  end(): Uint8Array {
    this.#zip.end();
    return this.#out.join();
  }
}
