/** `controller bench get ID`: what was asked for, and what became of it. */
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { timeText } from './schedule-text.ts';
import { tasksNamed } from './task-named.ts';
import { withTasks } from './task-tools.ts';

const usage = 'controller bench get TASK';

const help = `Shows a task: when it ran and why, what became of it, its runs, and its descriptor as it was.

Usage: ${usage} [--json] [--data DIR]

  TASK         a task's or submission's name, the beginning of it, or "last"; a benchmark's name or FILE.toml: its newest
  --json       all of it as JSON
  --data DIR   where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

controller bench run TASK runs the same again; controller bench results TASK shows what was measured.
`;

export const benchGetCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench get', argv, { data: 'text', json: 'flag' }, 1);
    const name = needed(positionals[0], 'the task to show', usage);
    return await withTasks(values, io, async ({ tasks }) => {
      const found = await tasksNamed(name, tasks);
      const descriptor = await tasks.descriptor(found[0]!.descriptor);
      const shown = await Promise.all(found.map(async (task) => ({ ...task, runs: await tasks.runs(task.task) })));
      if (values.json === true) {
        io.stdout(`${JSON.stringify({ tasks: shown, descriptor }, undefined, 2)}\n`);
        return 0;
      }
      for (const { task, benchmark, origin, dueMs, startedMs, endedMs, status, error, runs } of shown) {
        const time = (what: string, ms: number | undefined): string => (ms === undefined ? '' : `, ${what} ${timeText(ms)}`);
        const times = `${time('due', dueMs)}${time('began', startedMs)}${time('ended', endedMs)}`;
        io.stdout(`${task}  ${benchmark}: ${status}${error === undefined ? '' : `: ${error}`}\n  by ${origin}${times}\n`);
        for (const { repeat, rank, kind, run } of runs)
          io.stdout(
            `  repeat ${repeat}${rank === 0 ? '' : `, rank ${rank}`}: controller ${kind === 'bench' ? 'bench show' : 'show'} ${run}\n`,
          );
      }
      const read = Object.entries(descriptor.sources).map(([source, sha256]) => `# read: ${source} (${sha256})\n`);
      io.stdout(`\n# ${descriptor.name}, ${descriptor.digest.slice(0, 12)}\n${read.join('')}${descriptor.text}`);
      return 0;
    });
  },
};
