/** `controller bench results ID`: what a task measured, beside what its history says. */
import { resultsText } from '../report/task-results.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { resultOf } from './run-descriptor.ts';
import { tasksNamed } from './task-named.ts';
import { withTasks } from './task-tools.ts';

const usage = 'controller bench results TASK';

const help = `Shows what a task measured: of each metric the median of its repeats, their range, and the change against the median of up to ten tasks before
(on the same device, under the same limits, with the same version of ONNX Runtime).

Usage: ${usage} [--json] [--data DIR]

  TASK         a task's or submission's name, the beginning of it, or "last"; a benchmark's name or FILE.toml: its newest
  --json       all values of all repeats as JSON
  --data DIR   where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

controller report TASK writes a page of it.
`;

export const benchResultsCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench results', argv, { data: 'text', json: 'flag' }, 1);
    const name = needed(positionals[0], 'the task to show', usage);
    return await withTasks(values, io, async ({ tasks }) => {
      const found = await tasksNamed(name, tasks);
      const results = await Promise.all(found.map(({ task }) => resultOf(task, tasks)));
      io.stdout(values.json === true ? `${JSON.stringify(results, undefined, 2)}\n` : resultsText(results, io.tableColumns));
      return 0;
    });
  },
};
