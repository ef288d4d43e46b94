/** Bodies of requests, never more of them than is allowed: what is too long is refused as soon as that is known, by its header or by its bytes. */
import type { IncomingMessage } from 'node:http';
import { formatBytes } from '../../../mesh/bytes.ts';
import { type Reply, refusal } from './reply.ts';

/** How long what is still being sent is thrown away, so that the client can read why it was refused. */
const LINGER_MS = 500;

/** Ends early with the refusal when there is too much; whoever reads on gets nothing. */
export class BoundedBody {
  readonly #request: IncomingMessage;
  readonly #bytesMax: number;
  #refused = false;

  constructor(request: IncomingMessage, bytesMax: number) {
    this.#request = request;
    this.#bytesMax = bytesMax;
    this.#refused = Number(request.headers['content-length'] ?? 0) > bytesMax;
  }

  /** Undefined: all of it fitted so far. */
  get refusal(): Reply | undefined {
    if (!this.#refused) return undefined;
    return refusal(413, `the body has more than ${formatBytes(this.#bytesMax)}`, {}, { connection: 'close' });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    if (this.#refused) return;
    let bytes = 0;
    // The stream outlives this loop: whoever ends it early still answers on its connection.
    for await (const part of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += part.length;
      this.#refused = bytes > this.#bytesMax;
      if (this.#refused) return;
      yield part;
    }
  }
}

/** The whole body as text, or why not. Error when the client goes away meanwhile. */
export async function readText(request: IncomingMessage, bytesMax: number): Promise<string | Reply> {
  const body = new BoundedBody(request, bytesMax);
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  if (body.refusal !== undefined) return body.refusal;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    return refusal(400, 'the body is not UTF-8');
  }
}

/** After an answer was given before the whole request had come: the rest is not read for ever. */
export function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
}
