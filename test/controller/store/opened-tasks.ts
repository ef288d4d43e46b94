/** A store of tasks for one test. */
import { TaskStore } from '../../../controller/store/task-store.ts';
import type { Task } from '../../../controller/task/task.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { stored } from '../task/task-fixture.ts';

/** With a descriptor, and these tasks of it. */
export async function opened(t: Scope, tasks: readonly Task[] = []): Promise<{ folder: string; store: TaskStore }> {
  const folder = await tempFolder(t);
  const store = await TaskStore.open(folder);
  t.teardown(() => store.close());
  await store.keepDescriptor(stored);
  await store.add(tasks);
  return { folder, store };
}

export const namesOf = (tasks: readonly Task[]) => tasks.map(({ task }) => task);

/** Objects without a prototype are no difference. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
