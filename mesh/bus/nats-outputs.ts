/**
 * The outputs of a run as a JetStream stream: one message a frame (several when it is large), appended in order by one writer at a time.
 *
 *     append(frame) ─▶ pending ──flush──▶ published, each with the sequence it must follow ──▶ stored, in order, without gaps
 *                                             └ refused or no answer: look what the stream ends with, go on behind it
 *
 * A message says which sequence number it must follow (Nats-Expected-Last-Sequence): so what two writers write can't be mixed. One that finds
 * messages of a later term has been replaced.
 */
import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { MeshError } from '../error.ts';
import type { FrameId } from '../frame.ts';
import { decodeOutputPart, OutputAssembler, type OutputPart, type Outputs, outputParts } from '../wire-outputs.ts';
import type { OutputStreamName } from './subjects.ts';

const TIMEOUT_MS = 2_000;
/** On their way at once. */
const MESSAGES_AT_ONCE = 32;
const READS_AT_ONCE = 16;
const STREAM_NOT_FOUND = 10059;

export interface OutputWriterOptions {
  readonly connection: () => NatsConnection;
  readonly name: OutputStreamName;
  readonly run: string;
  /** Of this process. */
  readonly term: number;
  /** So many of the last frames stay; undefined: all. */
  readonly keepFrames: number | undefined;
  /** The server has lost its store, and the stream with it: it was made again, what was in it is gone. */
  readonly onLost: () => void;
}

export class OutputStreamWriter {
  readonly #options: OutputWriterOptions;
  readonly #pending: { readonly part: OutputPart; readonly bytes: Uint8Array }[] = [];
  readonly #jetstream: JetStreamClient;
  #next: FrameId;
  #last: number;

  private constructor(options: OutputWriterOptions, end: StreamEnd) {
    this.#options = options;
    this.#jetstream = jetstream(options.connection(), { timeout: TIMEOUT_MS });
    this.#next = nextOf(end.part);
    this.#last = end.sequence;
  }

  /** Makes the stream, or goes on behind what is in it. Errors: `unreachable`, `conflict` when a later term has written. */
  static async open(options: OutputWriterOptions): Promise<OutputStreamWriter> {
    const { connection, name, keepFrames } = options;
    return await reach(name, async () => {
      const manager = await jetstreamManager(connection(), { timeout: TIMEOUT_MS });
      const end = (await endOf(manager, name)) ?? (await make(manager, name, keepFrames));
      refuseLater(end.part, options.term);
      return new OutputStreamWriter(options, end);
    });
  }

  /** All frames below are in the stream, or appended. */
  get next(): FrameId {
    return this.#next;
  }

  /** Copies the outputs. They are in the stream when a later `flush` has resolved. */
  append(frame: FrameId, outputs: Outputs): void {
    if (frame !== this.#next) throw new RangeError(`frame ${frame} does not follow: ${this.#next} is next`);
    this.#pending.push(...outputParts(frame, outputs, this.#options.term));
    this.#next += 1n;
  }

  /**
   * Resolves when all that was appended is stored. Errors: `conflict` when another process writes, `unreachable` when the server does not answer or
   * has no room: what is pending stays so, and can be flushed again.
   */
  async flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#pending.slice(0, MESSAGES_AT_ONCE);
      const sent = group.map(({ part, bytes }, index) => this.#publish(part, bytes, this.#last + index));
      const results = await Promise.allSettled(sent);
      const failed = results.findIndex(({ status }) => status === 'rejected');
      const stored = failed === -1 ? results.length : failed;
      this.#last += stored;
      this.#pending.splice(0, stored);
      if (failed !== -1) await this.#lookAgain((results[failed] as PromiseRejectedResult).reason);
    }
  }

  async #publish(part: OutputPart, bytes: Uint8Array, lastSequence: number): Promise<void> {
    const { name, run } = this.#options;
    const msgID = `${run}/${part.frame}/${part.part}/${part.term}`;
    await this.#jetstream.publish(name.subject(part.part), bytes, { msgID, expect: { lastSequence }, timeout: TIMEOUT_MS });
  }

  /** Drops what was stored although nobody said so, by this process or by the one before. Throws `reason` when there is nothing new. */
  async #lookAgain(reason: unknown): Promise<void> {
    const { name, connection, term, keepFrames, onLost } = this.#options;
    const end = await reach(name, async () => {
      const manager = await jetstreamManager(connection(), { timeout: TIMEOUT_MS });
      const found = await endOf(manager, name);
      if (found === undefined) onLost();
      return found ?? (await make(manager, name, keepFrames));
    });
    refuseLater(end.part, term);
    const { part: ended } = end;
    const isMine = (part: OutputPart): boolean => ended?.term === term && part.frame === ended.frame && part.part <= ended.part;
    const waiting = this.#pending.filter(({ part }) => part.frame >= nextOf(ended) && !isMine(part));
    const progress = waiting.length < this.#pending.length || end.sequence !== this.#last;
    this.#pending.splice(0, this.#pending.length, ...waiting);
    this.#last = end.sequence;
    if (!progress) throw unreachable(name, reason);
  }
}

export interface OutputReaderOptions {
  readonly connection: () => NatsConnection;
  readonly name: OutputStreamName;
}

/** Reads the stream from its first whole frame. */
export class OutputStreamReader {
  readonly #options: OutputReaderOptions;
  #assembler: OutputAssembler | undefined;
  #sequence = 0;

  constructor(options: OutputReaderOptions) {
    this.#options = options;
  }

  /** The next frame that is to be read. */
  get next(): FrameId {
    return this.#assembler?.next ?? 0n;
  }

  /** The frames that have come since it was asked last. Errors: `not-found` when there is no such stream, `lost` when frames were dropped from it. */
  async *read(): AsyncGenerator<{ readonly frame: FrameId; readonly outputs: Outputs }> {
    const { name, connection } = this.#options;
    const manager = await reach(name, () => jetstreamManager(connection(), { timeout: TIMEOUT_MS }));
    const { state } = await reach(name, () => manager.streams.info(name.stream));
    // It was made again: the server had lost its store.
    if (state.last_seq < this.#sequence - 1) this.#sequence = 0;
    this.#sequence = Math.max(this.#sequence, state.first_seq, 1);
    while (this.#sequence <= state.last_seq) {
      const count = Math.min(READS_AT_ONCE, state.last_seq - this.#sequence + 1);
      const wanted = Array.from({ length: count }, (_, index) => this.#sequence + index);
      const messages = await reach(name, () => Promise.all(wanted.map((seq) => manager.streams.getMessage(name.stream, { seq }))));
      this.#sequence += count;
      for (const message of messages) {
        if (message === null) continue;
        const part = decodeOutputPart(message.data);
        this.#assembler ??= new OutputAssembler(part.part === 0 ? part.frame : part.frame + 1n);
        const completed = this.#assembler.take(part);
        if (completed !== undefined) yield completed;
      }
    }
  }

  /** Deletes the stream. */
  async remove(): Promise<void> {
    const { name, connection } = this.#options;
    await reach(name, async () => (await jetstreamManager(connection(), { timeout: TIMEOUT_MS })).streams.delete(name.stream));
  }
}

interface StreamEnd {
  readonly sequence: number;
  /** Undefined: nothing was ever written. */
  readonly part: OutputPart | undefined;
}

async function endOf(manager: JetStreamManager, { stream }: OutputStreamName): Promise<StreamEnd | undefined> {
  let sequence: number;
  try {
    sequence = (await manager.streams.info(stream)).state.last_seq;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
  if (sequence === 0) return { sequence, part: undefined };
  const message = await manager.streams.getMessage(stream, { seq: sequence });
  if (message === null) throw new MeshError('lost', `the last message of the stream ${stream} was taken away: nobody knows where to go on`);
  return { sequence, part: decodeOutputPart(message.data) };
}

async function make(manager: JetStreamManager, { stream, subjects }: OutputStreamName, keepFrames: number | undefined): Promise<StreamEnd> {
  await manager.streams.add({
    name: stream,
    subjects: [subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // Nobody's outputs are thrown away unless somebody asked for it: then the server refuses, and the run waits.
    ...(keepFrames === undefined ? { discard: DiscardPolicy.New } : { discard: DiscardPolicy.Old, max_msgs_per_subject: keepFrames }),
  });
  return { sequence: 0, part: undefined };
}

/** Of a frame that is not whole the first part comes again. */
function nextOf(part: OutputPart | undefined): FrameId {
  if (part === undefined) return 0n;
  return part.part === part.parts - 1 ? part.frame + 1n : part.frame;
}

function refuseLater(part: OutputPart | undefined, term: number): void {
  if (part !== undefined && part.term > term) {
    throw new MeshError('conflict', `another process writes the outputs of this run (term ${part.term}, this one is ${term})`);
  }
}

async function reach<T>(name: OutputStreamName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof MeshError ? error : unreachable(name, error);
  }
}

function unreachable({ stream }: OutputStreamName, cause: unknown): MeshError {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: string };
  if (code === STREAM_NOT_FOUND) return new MeshError('not-found', `there is no stream ${stream}`, { cause });
  return new MeshError('unreachable', `the stream ${stream} of the NATS server takes nothing: ${message}`, { cause });
}
