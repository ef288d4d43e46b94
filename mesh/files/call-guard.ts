/**
 * Watches over one streaming call: it is cancelled when the signal says so, or when nothing came for too long, and its error then says which.
 *
 *     start ─▶ armed, 5 s ──beat──▶ armed, 30 s ◀─beat─▶ …        silent for that long: cancelled, `timeout`
 *                       └──hold(own work)──▶ not armed while we are the slow ones
 */
import { MeshError } from '../error.ts';
import { CALL_TIMEOUT_MS } from '../grpc/options.ts';
import { abortError } from './abort.ts';
import { type FilesPeer, unanswered } from './files-peer.ts';
import { IDLE_MS } from './limits.ts';

export interface GuardOptions {
  readonly signal?: AbortSignal | undefined;
  /** Nothing heard for so long ends the call, milliseconds. */
  readonly idleMs?: number | undefined;
}

interface Guarded {
  cancel(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export class CallGuard {
  readonly #call: Guarded;
  readonly #peer: FilesPeer;
  readonly #signal: AbortSignal | undefined;
  readonly #idleMs: number;
  readonly #abort = (): void => this.end(abortError(this.#signal!));
  #timer: NodeJS.Timeout | undefined;
  #reason: MeshError | undefined;
  #holds = 0;
  #over = false;

  constructor(call: Guarded, peer: FilesPeer, options: GuardOptions) {
    this.#call = call;
    this.#peer = peer;
    this.#signal = options.signal;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    // Errors are read from the stream; those that come after it was left have no other listener.
    call.on('error', () => {
      this.#over = true;
    });
    this.#timer = setTimeout(() => this.end(unanswered(peer.label)), Math.min(CALL_TIMEOUT_MS, this.#idleMs));
    if (this.#signal?.aborted === true) this.#abort();
    else this.#signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Something was heard of the peer. */
  beat(): void {
    this.#disarm();
    if (this.#holds > 0 || this.#over) return;
    this.#timer = setTimeout(() => {
      this.end(new MeshError('timeout', `${this.#peer.label} has been silent for ${this.#idleMs / 1000} s`));
    }, this.#idleMs);
  }

  /** Waits for work of ours, during which the peer owes us nothing. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#holds += 1;
    this.#disarm();
    try {
      return await work;
    } finally {
      this.#holds -= 1;
      this.beat();
    }
  }

  /** Ends the call for a reason of ours. Nothing happens when it has ended already. */
  end(reason: MeshError): void {
    if (this.#over) return;
    this.#reason ??= reason;
    this.#call.cancel();
  }

  /** Why the call really ended, when it was ended here. */
  errorFrom(thrown: unknown): MeshError {
    return this.#reason ?? this.#peer.errorFrom(thrown);
  }

  /** The call is over, in whatever way: nothing of it stays behind. */
  release(): void {
    this.#disarm();
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#call.cancel();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
  }
}
