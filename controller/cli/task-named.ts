/** The tasks that a person means by a word: a task, a submission, the beginning of one, `last`; or of a benchmark, or of its file, the newest. */
import type { TaskStore } from '../store/task-store.ts';
import type { Task } from '../task/task.ts';
import { isDescriptor, loadDescriptor } from './submit-task.ts';
import { asked } from './usage.ts';

/** At least one, all of one submission. Error `usage` when nothing, or more than one thing, is called so. */
export async function tasksNamed(name: string, tasks: TaskStore): Promise<readonly Task[]> {
  const benchmark = isDescriptor(name) ? (await loadDescriptor(name)).file.taskName : name;
  const of = (await tasks.tasks()).filter((task) => task.benchmark === benchmark || task.benchmark.startsWith(`${benchmark}[`));
  // A confirmation ran what was known already.
  const newest = of.find(({ origin }) => origin !== 'confirmation') ?? of[0];
  return await asked(() => tasks.find(newest?.submission ?? benchmark));
}
