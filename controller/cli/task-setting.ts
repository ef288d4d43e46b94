/** What a task is measured with. */
import type { Descriptor } from '../descriptor/descriptor.ts';
import type { MeshChoice } from '../devices/mesh-choice.ts';
import type { BenchStore } from '../store/bench-store.ts';
import type { SourceShelf } from '../task/source-shelf.ts';
import type { StoredDescriptor } from '../task/task.ts';
import type { Io } from './command.ts';

export interface TaskSetting {
  readonly descriptor: Descriptor;
  readonly stored: StoredDescriptor;
  readonly shelf: SourceShelf;
  readonly bench: BenchStore;
  readonly choice: MeshChoice;
  /** The data folder. */
  readonly data: string;
  readonly io: Io;
}
