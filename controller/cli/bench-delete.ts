/** `controller bench delete ID | NAME`: tasks with what they added to histories; a schedule. */
import { MeshError } from '../../mesh/error.ts';
import { isOver } from '../task/task.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { isDescriptor, loadDescriptor } from './submit-task.ts';
import { withTasks } from './task-tools.ts';
import { asked } from './usage.ts';

const usage = 'controller bench delete TASK|BENCHMARK';

const help = `Deletes a task with its runs and what it added to histories; or the schedule of a benchmark, whose tasks and histories stay.

Usage: ${usage} [--data DIR]

  TASK         a task's or submission's name (then all of its tasks), the beginning of it, or "last"
  BENCHMARK    the task_name of a descriptor that is scheduled, or its FILE.toml
  --data DIR   where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

One that runs has to be ended first: controller bench cancel TASK.
`;

export const benchDeleteCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench delete', argv, { data: 'text' }, 1);
    const name = needed(positionals[0], 'what is to be deleted', usage);
    return await withTasks(values, io, async ({ tasks, shelf }) => {
      const benchmark = isDescriptor(name) ? (await loadDescriptor(name)).file.taskName : name;
      if (await tasks.deleteSchedule(benchmark)) {
        io.stdout(`${benchmark}: it is not scheduled any more\n`);
        return 0;
      }
      // Whoever says the same twice does not mean what was measured.
      if (isDescriptor(name))
        throw new MeshError('usage', `${benchmark} is not scheduled`, { hint: 'to delete a task, name it: controller bench list' });
      const found = await asked(() => tasks.find(name));
      const alive = found.find((each) => !isOver(each));
      if (alive !== undefined)
        throw new MeshError('conflict', `${alive.task} is ${alive.status}`, { hint: `controller bench cancel ${alive.task} ends it` });
      for (const each of found) {
        await tasks.delete(each.task);
        io.stdout(`${each.task}: deleted\n`);
      }
      const left = await tasks.descriptors();
      const sources = new Set(left.flatMap((each) => Object.values(each.sources)));
      await shelf.prune(sources, new Set(left.map(({ digest }) => digest)), io.wallClock());
      return 0;
    });
  },
};
