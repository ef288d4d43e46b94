/** `controller bench history NAME`: what a benchmark measured over time, and what changed. The page of it is controller report --history. */
import { dataFolder } from '../store/folders.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { shownHistory } from './report-history.ts';
import { asked } from './usage.ts';

const usage = 'controller bench history BENCHMARK';

const help = `Shows what a benchmark measured over time: each metric on each device, under the same limits, with the same version of ONNX Runtime; change points
(where its level changed for good), outliers, alarms.

Usage: ${usage} [--metric NAME] [--device NAME] [--json] [--data DIR]

  BENCHMARK      its task_name; of a sweep with its combination, or the beginning of it for all of them
  --metric NAME  only this one
  --device NAME  only there
  --json         all of it as JSON (docs/schema/history.schema.json)
  --data DIR     where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

controller report --history BENCHMARK --open draws it.
`;

export const benchHistoryCommand: Command = {
  help,
  async run(argv, io) {
    const kinds = { metric: 'text', device: 'text', data: 'text', json: 'flag' } as const;
    const { values, positionals } = parseOptions('bench history', argv, kinds, 1);
    const name = needed(positionals[0], 'the benchmark', `${usage}; controller bench list lists them`);
    const choice = { name, metric: values.metric, device: values.device };
    const shown = await asked(() => shownHistory(choice, dataFolder(values.data, io.env)));
    io.stdout(values.json === true ? `${JSON.stringify(shown.report, undefined, 2)}\n` : shown.text(io.tableColumns));
    return 0;
  },
};
