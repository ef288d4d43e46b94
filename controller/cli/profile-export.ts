/** `controller profile export`: measurements of whole models as CSV. */
import { writeFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { publishedCsv } from '../profile/published-csv.ts';
import { dataFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Writes what was measured of whole models as CSV, with the columns of the data sets that PEPPER published.

Usage: controller profile export [--csv FILE] [--run NAME] [--data DIR]

  --csv FILE   where to; "-" (default): standard output
  --run NAME   of this collection or benchmark only: its full name
  --data DIR   where samples are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

device_cpu_cores and device_load_percent are the load that was made beside the model, execution_time is HH:MM:SS.ffffff, percentages are of the whole machine
before the model ran, bytes those of its process. What the device did not tell is empty.
`;

export const profileExportCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('profile export', argv, { csv: 'text', run: 'text', data: 'text' }, 0);
    await using store = await ProfileStore.open(dataFolder(values.data, io.env));
    const csv = publishedCsv(await store.samples({ kinds: ['model'], ...(values.run === undefined ? {} : { run: values.run }) }));
    const path = values.csv ?? '-';
    if (path === '-') io.stdout(csv);
    else await written(path, csv);
    return 0;
  },
};

async function written(path: string, csv: string): Promise<void> {
  try {
    await writeFile(path, csv);
  } catch (error) {
    throw new MeshError('denied', `${path} can't be written: ${(error as Error).message}`, { cause: error });
  }
}
