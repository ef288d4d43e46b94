/**
 * In which form a report leaves, and where to: a page or a file for other programs is written, text for programs goes to stdout.
 *
 *     (none)                     page in --out, text on stdout
 *     --csv, --json              stdout
 *     --xlsx --parquet --npz     a file: nobody wants these bytes on a terminal
 */
import { resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { suggest } from '../../mesh/suggest.ts';
import { encodeTables, severalTables } from '../export/formats.ts';
import type { ExportTable } from '../export/table.ts';
import type { Io } from './command.ts';
import type { Shown } from './report-shown.ts';
import { showPage, writePage } from './write-page.ts';

const forms = ['csv', 'json', 'xlsx', 'parquet', 'npz'] as const;
type Form = (typeof forms)[number];

export interface Output {
  readonly form: Form | 'html';
  readonly table: string | undefined;
  readonly out: string | undefined;
  readonly open: boolean;
}

type OutputValues = { readonly [form in Form]?: boolean } & { readonly table?: string; readonly out?: string; readonly open?: boolean };

/** Before anything is read. Error `usage`: what does not go together. */
export function outputOf(values: OutputValues): Output {
  const { table, out, open = false } = values;
  const [form = 'html', other] = forms.filter((each) => values[each] === true);
  if (other !== undefined) {
    const both = form === 'csv' && other === 'json' ? 'are both on stdout' : 'are two forms of one report';
    throw new MeshError('usage', `--${form} and --${other} ${both}`, { hint: 'give one of them' });
  }
  if ((form === 'csv' || form === 'json') && (open || out !== undefined)) {
    const hint = `controller report … --${form} > FILE`;
    throw new MeshError('usage', `--${form} is on stdout: --out and --open are for files`, { hint });
  }
  if (form !== 'html' && open) throw new MeshError('usage', `--open shows the page, not --${form}`, { hint: 'leave one of them out' });
  if (table !== undefined && (form === 'html' || form === 'json')) {
    throw new MeshError('usage', '--table is for --csv, --xlsx, --parquet and --npz', { hint: 'give one of them as well' });
  }
  return { form, table, out, open };
}

export async function putOut(shown: Shown, { form, table, out, open }: Output, io: Io): Promise<void> {
  if (form === 'json') return io.stdout(`${JSON.stringify(shown.report, undefined, 2)}\n`);
  const path = out ?? `${shown.name}.${form}`;
  if (form === 'html') {
    await writePage(path, shown.html(), '--out');
    io.stdout(`${shown.text(io.tableColumns)}\n${resolve(path)}\n`);
    if (open) await showPage(path, io);
    return;
  }
  const tables = shown.tables();
  const [first] = table === undefined ? tables : [named(table, tables)];
  if (form === 'csv') {
    const own = first === tables[0] ? shown.csv : undefined;
    return io.stdout(own === undefined ? new TextDecoder().decode(await encodeTables('csv', [first!])) : own());
  }
  const bytes =
    form === 'parquet' ? await encodeTables('parquet', [first!]) : await encodeTables(form, table === undefined ? tables : [first!]);
  await writePage(path, bytes, '--out');
  const held = severalTables[form] && table === undefined ? tables : [first!];
  io.stdout(`${held.map(({ name, columns }) => `${name}: ${columns[0]?.values.length ?? 0} rows`).join(', ')}\n${resolve(path)}\n`);
}

function named(name: string, tables: readonly ExportTable[]): ExportTable {
  const found = tables.find((table) => table.name === name);
  if (found !== undefined) return found;
  const names = tables.map((table) => table.name);
  const meant = suggest(name, names);
  throw new MeshError('usage', `--table: there is no table "${name}", only ${names.join(', ')}`, {
    ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
  });
}
