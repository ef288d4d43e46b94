/** Where the outputs of a run go: it takes them in order, and decides what becomes of them when the run ends. */
import type { OutputConsumer } from './sink.ts';

export interface RunOutput extends OutputConsumer, AsyncDisposable {
  /** The run is complete. Nothing more may be taken. */
  keep(): Promise<void>;
}
