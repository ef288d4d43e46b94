/** The port through which stages reach a run's source: one address, and for each run somebody who takes the streams. */
import type { PushStream } from '../../mesh/link/link.ts';

export interface SourceServer {
  /** HOST:PORT */
  readonly address: string;
  /** Streams of this run go to `taker` until the returned function is called. */
  serveRun(run: string, taker: StreamTaker): () => void;
}

/** Takes the streams of a run's consumers. */
export interface StreamTaker {
  accept(stream: PushStream): void;
}
