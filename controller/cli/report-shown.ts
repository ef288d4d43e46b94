/** What `controller report` can show, of whatever it is: each form is made when it is asked for. */
import type { ExportTable } from '../export/table.ts';

export interface Shown {
  /** Of its file, without its ending. */
  readonly name: string;
  /** As JSON. */
  readonly report: object;
  /** The first is what a format of one table holds, unless another is asked for. */
  readonly tables: () => readonly [ExportTable, ...ExportTable[]];
  /** Absent: that of the tables. */
  readonly csv?: () => string;
  readonly html: () => string;
  readonly text: (columns: number) => string;
}

/** Names of benchmarks have what they like; in names of files nothing that a shell or another system stumbles over. */
export function fileName(text: string): string {
  const plain = text.replace(/[^\w.+-]+/g, '-').replace(/^[.-]+|-+$/g, '');
  return plain === '' ? 'report' : plain.slice(0, 100);
}
