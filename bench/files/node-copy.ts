/**
 * The simplest copy that Node can do: a file stream piped into a socket, and a socket into a file stream. The sender is a process of its own.
 * Nothing is checked, nothing is made durable.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { end } from './agent-process.ts';

const HIGH_WATER_BYTES = 1024 * 1024;
const self = fileURLToPath(import.meta.url);

export class NodeCopy implements AsyncDisposable {
  readonly #port: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.#port = port;
    this.#stop = stop;
  }

  static async start(path: string): Promise<NodeCopy> {
    const child = spawn(process.execPath, [self, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new NodeCopy(Number(port), () => end(child));
  }

  async copyTo(path: string): Promise<void> {
    await pipeline(connect(this.#port, '127.0.0.1'), createWriteStream(path, { highWaterMark: HIGH_WATER_BYTES }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

if (process.argv[1] === self) {
  const path = process.argv[2]!;
  const server = createServer((socket) => {
    void pipeline(createReadStream(path, { highWaterMark: HIGH_WATER_BYTES }), socket);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') console.log(address.port);
  });
  process.on('SIGTERM', () => server.close());
}
