/** Tables of an export, looked into by name. */
import type { ExportTable } from '../../../controller/export/table.ts';

export function columnOf({ name, columns }: ExportTable, wanted: string): unknown[] {
  const found = columns.find((column) => column.name === wanted);
  if (found === undefined) throw new Error(`${name} has no column ${wanted}`);
  return [...found.values];
}
