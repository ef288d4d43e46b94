/**
 * A command of the controller: its help and a function. `main.ts` is the only place that touches the process; a command gets
 * what it needs of it as `Io`, so that it can be run in a test.
 */
import type { Readable } from 'node:stream';

export interface Io {
  /** Results. With --json nothing but JSON goes here. */
  stdout(text: string): void;
  /** Progress, warnings, errors. */
  stderr(text: string): void;
  /** A person is looking at stderr (live progress makes sense). */
  readonly terminal: boolean;
  /** Width of the terminal that stderr is. */
  readonly columns: number;
  /** Width that tables on stdout have to fit; Infinity when a program reads them: names and addresses are not cut then. */
  readonly tableColumns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or SIGTERM; a command cleans up and returns. */
  readonly signal: AbortSignal;
  /** What a command is told while it runs, when it listens. */
  readonly stdin: Readable;
  /** Milliseconds, monotonic. */
  now(): number;
  /** Milliseconds since 1970, for records. */
  wallClock(): number;
}

export interface Command {
  /** The whole text of `controller NAME --help`, checked by hand. */
  readonly help: string;
  /** Returns the exit code: 0 good, 1 failed, 2 usage. A thrown MeshError of code `usage` is 2, any other error 1. */
  run(argv: readonly string[], io: Io): Promise<number>;
}

/** A command whose first word says which of several is meant. */
export interface CommandGroup {
  readonly help: string;
  readonly words: Readonly<Record<string, () => Promise<Command>>>;
}
