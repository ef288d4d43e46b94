/** What the words of `controller bench` about descriptors work with, from beginning to end. */
import { Closers } from '../closers.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import { TaskStore } from '../store/task-store.ts';
import { SourceShelf } from '../task/source-shelf.ts';
import type { Io } from './command.ts';
import type { TaskTools } from './run-task.ts';

export const taskPlaceKinds = { nats: 'text', mesh: 'text', data: 'text' } as const;

export const taskPlaceHelp = `  --nats URL           the mesh's NATS server (default: NATS_URL; without one this machine)
  --mesh NAME          which mesh of several that share the server (default: default)
  --data DIR           where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)`;

export interface TaskPlace {
  readonly nats?: string | undefined;
  readonly mesh?: string | undefined;
  readonly data?: string | undefined;
}

/** Opens the stores, lets `work` use them, and closes them in any case. */
export async function withTasks<T>(place: TaskPlace, io: Io, work: (tools: TaskTools) => Promise<T>): Promise<T> {
  const choice = chooseMesh(place, io.env);
  const data = dataFolder(place.data, io.env);
  const closers = new Closers();
  try {
    const tasks = closers.use(await TaskStore.open(data));
    const bench = closers.use(await BenchStore.open(data));
    const say = (message: string): void => io.stderr(`controller: ${message}\n`);
    return await work({ tasks, bench, shelf: new SourceShelf(data), choice, data, io, say });
  } finally {
    await closers.close();
  }
}
