/**
 * Tables as an .npz archive (numpy.savez_compressed): each column is an array, an entry of a zip archive.
 *
 *     one table:   latency_ms.npy  device.npy  device.null.npy       np.load(FILE)['latency_ms']
 *     several:     frames/latency_ms.npy  stages/stage.npy …         np.load(FILE)['frames/latency_ms']
 *
 * `NAME.null`, true where a value is not known, is there where the array itself can't tell. A column's unit is the comment of its entry.
 */
import { hiddenNulls, npyParts } from './npy.ts';
import type { ExportTable } from './table.ts';
import { uniqueName } from './unique-name.ts';
import { ZipArchive } from './zip.ts';

/** Error `unsupported`: what no array can have. */
export function encodeNpz(tables: readonly ExportTable[]): Uint8Array {
  const archive = new ZipArchive();
  const folders = new Set<string>();
  for (const { name, columns } of tables) {
    const folder = tables.length === 1 ? '' : `${uniqueName(keyOf(name), folders)}/`;
    const keys = new Set<string>();
    const arrays = columns.map((column) => ({ column, key: uniqueName(keyOf(column.name), keys) }));
    for (const { column, key } of arrays) {
      archive.add(`${folder}${key}.npy`, npyParts(column), column.unit);
      if (!hiddenNulls(column)) continue;
      const values = column.values.map((value) => value === null);
      const of = uniqueName(`${key}.null`, keys);
      archive.add(`${folder}${of}.npy`, npyParts({ name: of, type: 'flag', values }));
    }
  }
  return archive.end();
}

/** A name that is nothing but a name when somebody unpacks the archive. */
function keyOf(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in it
  return name.replace(/[/\\:\0-\x1f\x7f]/g, '_').replace(/^\.+/, '_');
}
