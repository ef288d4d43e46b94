/**
 * The server of a run: started before the program that asks it, in the same folder, group and environment; ended after it.
 *
 *     start ──▶ probe, again and again ──▶ ready ══ the program ══ end        it ended, or was not ready in time ──▶ the run is refused, and why
 */
import type { LogStream } from '../../mesh/bench/event.ts';
import type { ServerProgram } from '../../mesh/bench/order.ts';
import { BenchChild, type BenchChildEnd, type BenchLaunch } from './bench-child.ts';
import { NotReadyError, whenReady } from './readiness.ts';

type Launch = Pick<BenchLaunch, 'env' | 'folder' | 'procsFiles'>;
type OnLine = (stream: Exclude<LogStream, 'agent'>, line: string) => void;

export class RunServer {
  readonly #child: BenchChild;
  readonly #launch: Launch;
  readonly #server: ServerProgram;
  #end: BenchChildEnd | undefined;

  private constructor(child: BenchChild, launch: Launch, server: ServerProgram) {
    this.#child = child;
    this.#launch = launch;
    this.#server = server;
    child.ended.then((end) => {
      this.#end = end;
    });
  }

  static async start(server: ServerProgram, launch: Launch, onLine: OnLine): Promise<RunServer> {
    const line: OnLine = (stream, text) => onLine(stream, `server: ${text}`);
    const child = await BenchChild.start({ ...launch, argv: server.argv, order: undefined }, { line, report: () => {} });
    child.go();
    return new RunServer(child, launch, server);
  }

  /** How it ended; undefined: it lives. */
  get ended(): BenchChildEnd | undefined {
    return this.#end;
  }

  /** Undefined: it is. Else why not, for a person. `signal`: nobody waits any more. */
  async ready(signal: AbortSignal): Promise<string | undefined> {
    const { probe, readyMsMax } = this.#server;
    const gone = new AbortController();
    this.#child.ended.then(() => gone.abort());
    const late = AbortSignal.timeout(readyMsMax);
    try {
      await whenReady(probe, (argv, until) => this.#program(argv, until), AbortSignal.any([signal, gone.signal, late]));
      return undefined;
    } catch (error) {
      if (!(error instanceof NotReadyError)) throw error;
      if (this.#end !== undefined) return `the server ended (${endText(this.#end)}) before it was ready`;
      return `the server was not ready within ${readyMsMax / 1000} s: ${error.answer}`;
    }
  }

  /** Resolves when it has ended and all its words are handed on. Idempotent. */
  async stop(): Promise<void> {
    this.#child.kill();
    await this.#child.ended;
    await this.#child.settled();
  }

  async #program(argv: readonly string[], signal: AbortSignal): Promise<number | null> {
    const child = await BenchChild.start({ ...this.#launch, argv, order: undefined }, { line: () => {}, report: () => {} });
    const kill = (): void => child.kill();
    signal.addEventListener('abort', kill, { once: true });
    try {
      child.go();
      if (signal.aborted) kill();
      return (await child.ended).code;
    } finally {
      signal.removeEventListener('abort', kill);
      await child.settled();
    }
  }
}

export function endText({ code, signal }: BenchChildEnd): string {
  return signal ?? `exit code ${code}`;
}
