/**
 * Measurements that outlast a bus that goes away. Publishing is at most once; receivers know a batch that comes twice by its sequence number. So what
 * may not have arrived is kept and sent again:
 *
 *     post ──▶ published, unconfirmed ──the broker has seen it──▶ confirmed ──some seconds──▶ forgotten
 *                        ▲         └───────────┬───────────────────────┘
 *                        │                     │ the bus goes away
 *                        └──back, settled── kept, in order ◀── post, while it is away
 *
 * Confirmed batches stay for some seconds, because a broker that dies takes along what it had not yet handed to its receivers. And receivers lose their
 * connection together with us: they get some time to come back before the batches are sent again.
 */
import type { Bus } from '../mesh/bus/bus.ts';
import { checkMessage } from '../mesh/bus/pattern.ts';
import type { Clock, Timer } from '../mesh/clock.ts';

export interface MeasureMailboxOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Some were dropped while the bus was away: how many. */
  readonly onDropped: (batches: number) => void;
}

/** Kept at most, payloads. Half an hour of a stage at 30 frames a second. */
const KEPT_BYTES_MAX = 8 * 2 ** 20;
/** How often the broker is asked whether it has seen what was published. */
const CONFIRM_MS = 1_000;
/** How long a batch stays after the broker has seen it. */
const FORGET_MS = 5_000;
/** How long receivers get to reconnect; the bus tries it every third of a second. */
const SETTLE_MS = 1_000;

interface Letter {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Undefined: the broker may not have seen it. */
  confirmedMs: number | undefined;
}

export class MeasureMailbox {
  readonly #options: MeasureMailboxOptions;
  readonly #unlisten: () => void;
  /** In the order they were posted. */
  #letters: Letter[] = [];
  #bytes = 0;
  #dropped = 0;
  /** What is posted is published at once. */
  #open: boolean;
  /** Counts how often the bus went away. */
  #absences = 0;
  #confirming: Timer | undefined;
  #settling: Timer | undefined;

  constructor(options: MeasureMailboxOptions) {
    this.#options = options;
    this.#open = options.bus.state === 'connected';
    this.#unlisten = options.bus.onState((state) => (state === 'connected' ? this.#settle() : this.#shut()));
  }

  /** Payloads kept, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Publishes now, or when the bus is back. Error `invalid` as in Bus.publish. */
  post(subject: string, payload: Uint8Array): void {
    checkMessage(subject, payload);
    if (this.#open) this.#options.bus.publish(subject, payload);
    this.#letters.push({ subject, payload, confirmedMs: undefined });
    this.#bytes += payload.byteLength;
    while (this.#bytes > KEPT_BYTES_MAX) this.#drop();
    this.#confirmLater();
  }

  /** Publishes what is kept, if the bus is there, and keeps nothing more. Idempotent. */
  close(): void {
    if (this.#settling !== undefined) this.#publishAll();
    this.#unlisten();
    this.#shut();
    this.#confirming?.cancel();
    this.#letters = [];
    this.#bytes = 0;
  }

  #drop(): void {
    const oldest = this.#letters.shift()!;
    this.#bytes -= oldest.payload.byteLength;
    // One that was delivered is no loss.
    if (oldest.confirmedMs === undefined && !this.#open) this.#dropped += 1;
  }

  #shut(): void {
    this.#open = false;
    this.#absences += 1;
    this.#settling?.cancel();
    this.#settling = undefined;
  }

  #settle(): void {
    // Nothing to send again: nobody has to be waited for.
    if (this.#letters.length === 0) this.#open = true;
    else this.#settling ??= this.#options.clock.after(SETTLE_MS, () => this.#publishAll());
  }

  #publishAll(): void {
    this.#settling?.cancel();
    this.#settling = undefined;
    this.#open = true;
    for (const letter of this.#letters) {
      letter.confirmedMs = undefined;
      this.#options.bus.publish(letter.subject, letter.payload);
    }
    if (this.#dropped > 0) this.#options.onDropped(this.#dropped);
    this.#dropped = 0;
    this.#confirmLater();
  }

  #confirmLater(): void {
    if (this.#letters.length > 0) this.#confirming ??= this.#options.clock.after(CONFIRM_MS, () => void this.#confirm());
  }

  async #confirm(): Promise<void> {
    const { bus, clock } = this.#options;
    const asked = this.#open ? this.#letters.filter(({ confirmedMs }) => confirmedMs === undefined) : [];
    const absences = this.#absences;
    const seen = asked.length > 0 && (await answered(bus));
    const nowMs = clock.now();
    if (seen && absences === this.#absences) for (const letter of asked) letter.confirmedMs = nowMs;
    // While the bus is away time does not make a batch older.
    if (this.#open) this.#forget(nowMs - FORGET_MS);
    this.#confirming = undefined;
    this.#confirmLater();
  }

  #forget(beforeMs: number): void {
    this.#letters = this.#letters.filter(({ confirmedMs }) => confirmedMs === undefined || confirmedMs > beforeMs);
    this.#bytes = this.#letters.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  }
}

/** Whether the broker has seen everything published before. */
function answered(bus: Bus): Promise<boolean> {
  return bus.flush().then(
    () => true,
    () => false,
  );
}
