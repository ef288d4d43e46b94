/**
 * The pipe between an agent and a stage process: whole messages, in order, both ways.
 *
 *     length, 4 bytes little-endian │ the message as V8 serializes it (bigint and bytes survive)
 *
 * Node has such a channel of its own (`fork`), which throws in the middle of the agent when a child writes garbage to it. Here that is an event
 * like any other: a model that has taken its process over loses its process, and the agent goes on.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

/** The descriptor a stage process finds its end at. */
export const CHANNEL_FD = 3;

/** Far more than any report has: half a second of measurements is some kilobytes. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const LENGTH_BYTES = 4;

export interface ChannelHandlers {
  message(message: unknown): void;
  /** Nothing more will come: undefined when the peer has closed its end, else what was wrong with what it wrote. Called once, last. */
  closed(garbage: string | undefined): void;
}

export class Channel {
  readonly #stream: Duplex;
  readonly #handlers: ChannelHandlers;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #closed = false;

  constructor(stream: Duplex, handlers: ChannelHandlers) {
    this.#stream = stream;
    this.#handlers = handlers;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    // A broken pipe is how the end of the other process looks from here; `close` follows.
    stream.on('error', () => {});
    stream.on('close', () => this.#close(undefined));
    // A peer that says nothing more takes no orders either.
    stream.on('end', () => stream.destroy());
  }

  /** The stage's end. */
  static toAgent(handlers: ChannelHandlers): Channel {
    return new Channel(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), handlers);
  }

  /** `then` is called when the message has been handed over, or can't be any more. */
  send(message: unknown, then: () => void = () => {}): void {
    if (this.#closed) {
      then();
      return;
    }
    const body = serialize(message);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(body.byteLength);
    this.#stream.write(Buffer.concat([length, body]), () => then());
  }

  /** Idempotent; `closed` is called if it was not before. */
  close(): void {
    this.#stream.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    for (let message = this.#next(); message !== undefined; message = this.#next()) this.#deliver(message);
  }

  #deliver(bytes: Buffer): void {
    let message: unknown;
    try {
      message = deserialize(bytes);
    } catch (error) {
      this.#close(`${bytes.byteLength} bytes that are no message (${(error as Error).message})`);
      return;
    }
    this.#handlers.message(message);
  }

  /** The bytes of the next message when all of it is here. */
  #next(): Buffer | undefined {
    if (this.#closed || this.#bytes < LENGTH_BYTES) return undefined;
    const head = this.#joined(LENGTH_BYTES);
    const length = head.readUInt32LE();
    if (length > MESSAGE_BYTES_MAX) {
      this.#close(`a message of ${length} bytes, at most ${MESSAGE_BYTES_MAX} are allowed`);
      return undefined;
    }
    const end = LENGTH_BYTES + length;
    if (this.#bytes < end) return undefined;
    const all = this.#joined(end);
    this.#bytes -= end;
    this.#chunks = this.#bytes === 0 ? [] : [all.subarray(end)];
    return all.subarray(LENGTH_BYTES, end);
  }

  /** What came, in one piece of at least `bytes` bytes: joined only when it has to be. */
  #joined(bytes: number): Buffer {
    if (this.#chunks[0]!.byteLength < bytes) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #close(garbage: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks = [];
    this.#stream.destroy();
    this.#handlers.closed(garbage);
  }
}
