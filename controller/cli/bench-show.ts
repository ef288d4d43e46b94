/** `controller bench show RUN`: a stored benchmark run again, as it was reported. */
import { benchText } from '../report/bench-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';

const usage = 'controller bench show RUN; controller bench list lists them';

const help = `Shows a stored benchmark run as it was reported at its end.

Usage: controller bench show RUN [--json] [--data DIR]

  RUN          its name, the beginning of it, or "last"
  --json       the record as JSON, with its time series
  --data DIR   where runs are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Of a sweep: controller report --sweep SWEEP.
`;

export const benchShowCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench show', argv, { data: 'text', json: 'flag' }, 1);
    const name = needed(positionals[0], 'the run to show', usage);
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const { title, record } = await store.findBench(name);
    io.stdout(values.json === true ? `${JSON.stringify({ title, ...record }, undefined, 2)}\n` : benchText(title, record, io.tableColumns));
    return 0;
  },
};
