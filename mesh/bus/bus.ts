/**
 * The bus port: small messages (presence, stage events, acks, measurements) from whoever publishes to whoever subscribed.
 *
 *     publish(subject, bytes) ──▶ broker ──▶ every subscription whose pattern matches, also the publisher's own
 *
 * At most once: what is published while the broker is away is dropped, never kept for later — a heartbeat that arrives late is a lie.
 * Messages of one publisher arrive in the order they were published. Two implementations pass the same conformance suite: `nats.ts`
 * and `memory.ts`.
 */

/** connecting ──▶ connected ◀──▶ disconnected; closed is final. */
export type BusState = 'connecting' | 'connected' | 'disconnected' | 'closed';

/** A handler must not throw; when it does, the error goes to the bus's `onError` and nothing else is disturbed. */
export type BusHandler = (payload: Uint8Array, subject: string) => void;

export interface BusSubscription {
  /** The handler is not called any more. Idempotent. */
  close(): void;
}

export interface Bus extends AsyncDisposable {
  readonly state: BusState;

  /**
   * Sends `payload` (at most `PAYLOAD_BYTES_MAX`; it must not change afterwards). False when it was dropped because the broker is away or
   * the bus is closed. Error `invalid` for a subject with wildcards or empty tokens, or a payload that is too large.
   */
  publish(subject: string, payload: Uint8Array): boolean;

  /** `*` stands for one token, `>` at the end for one or more. Survives reconnects. Error `invalid` for a malformed pattern. */
  subscribe(pattern: string, handler: BusHandler): BusSubscription;

  /** Resolves when the broker has seen everything published and subscribed before. Error `lost` when it is away or goes away meanwhile. */
  flush(): Promise<void>;

  /** Calls `listener` after each change of state. Returns the function that stops it. */
  onState(listener: (state: BusState) => void): () => void;

  /** Finishes: what was published is delivered, then the bus closes. Idempotent; closes at once when the broker is away. */
  drain(): Promise<void>;

  /** Stops at once. Idempotent, also after and during `drain`. */
  close(): Promise<void>;
}

/** Largest payload, bytes: the default limit of nats-server. */
export const PAYLOAD_BYTES_MAX = 1024 * 1024;
