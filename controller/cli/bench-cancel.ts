/** `controller bench cancel ID`: ends tasks that wait or run, whoever runs them. */
import { isOver } from '../task/task.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { tasksNamed } from './task-named.ts';
import { withTasks } from './task-tools.ts';

const usage = 'controller bench cancel TASK';

const help = `Ends a task that waits or runs, also one of another controller of this machine: what waits never begins, what runs is killed within
seconds. What was measured stays.

Usage: ${usage} [--data DIR]

  TASK         a task's or submission's name (then all of its tasks), the beginning of it, or "last"; FILE.toml: its newest
  --data DIR   where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

A schedule ends with controller bench delete NAME.
`;

export const benchCancelCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench cancel', argv, { data: 'text' }, 1);
    const name = needed(positionals[0], 'the task to end', usage);
    return await withTasks(values, io, async ({ tasks }) => {
      const found = await tasksNamed(name, tasks);
      for (const each of found) {
        const ended = !isOver(each) && (await tasks.cancel(each.task, io.wallClock()));
        io.stdout(
          ended
            ? `${each.task}: ${each.status === 'queued' ? 'will not begin' : 'is told to end'}\n`
            : `${each.task}: is over (${each.status})\n`,
        );
      }
      return 0;
    });
  },
};
