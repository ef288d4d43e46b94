/** `controller show RUN`: a stored run again, as it was reported, or frame by frame. */
import { framesCsv } from '../report/frames-csv.ts';
import type { RunReport } from '../report/run-report.ts';
import { runText } from '../report/run-text.ts';
import { dataFolder } from '../store/folders.ts';
import { RunStore } from '../store/store.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';

const help = `Shows a stored run as it was reported at its end.

Usage: controller show RUN [--json | --frames] [--data DIR]

  RUN          its name, the beginning of it, or "last"
  --json       the report as JSON, with status and times
  --frames     every frame's measurements as CSV
  --data DIR   where runs are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
`;

export const showCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('show', argv, { data: 'text', json: 'flag', frames: 'flag' }, 1);
    const name = needed(positionals[0], 'the run to show', 'controller show RUN; controller runs lists them');
    await using store = await RunStore.open(dataFolder(values.data, io.env));
    const run = await store.find(name);
    const report = run.report === undefined ? undefined : (JSON.parse(run.report) as RunReport);
    if (values.frames === true) {
      for await (const lines of framesCsv(store, run.run)) io.stdout(lines);
    } else if (values.json === true) {
      const { status, error, startedMs, endedMs } = run;
      const shown = {
        run: run.run,
        model: run.model,
        status,
        error: error ?? null,
        startedMs,
        endedMs: endedMs ?? null,
        report: report ?? null,
      };
      io.stdout(`${JSON.stringify(shown, undefined, 2)}\n`);
    } else {
      const state = run.status === 'done' ? '' : `${run.status}${run.error === undefined ? '' : `: ${run.error}`}\n`;
      io.stdout(report === undefined ? `${run.model}  run ${run.run}\n${state}` : `${runText(report, io.tableColumns)}${state}`);
    }
    return 0;
  },
};
