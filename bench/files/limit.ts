/** The client of limit-server.ts: moves messages through grpc-js with the channel options of the mesh, and throws them away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, type MethodDefinition } from '@grpc/grpc-js';
import { channelCredentials } from '../../mesh/grpc/credentials.ts';
import { bulkChannelOptions } from '../../mesh/grpc/options.ts';
import { end } from './agent-process.ts';

export const LIMIT_MESSAGE_BYTES = 512 * 1024;

const same = (bytes: Buffer): Buffer => bytes;
const plain = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };

type Plain = MethodDefinition<Buffer, Buffer>;

export const limitMethods: { readonly pull: Plain; readonly push: Plain } = {
  pull: { path: '/bench.Limit/Pull', requestStream: false, responseStream: true, ...plain },
  push: { path: '/bench.Limit/Push', requestStream: true, responseStream: false, ...plain },
};

export class Limit implements AsyncDisposable {
  readonly #client: Client;
  readonly #stop: () => Promise<void>;

  private constructor(client: Client, stop: () => Promise<void>) {
    this.#client = client;
    this.#stop = stop;
  }

  static async start(): Promise<Limit> {
    const program = fileURLToPath(new URL('limit-server.ts', import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new Limit(new Client(`127.0.0.1:${port}`, channelCredentials(), bulkChannelOptions), () => end(child));
  }

  pull(bytes: number): Promise<void> {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes));
    return new Promise((resolve, reject) => {
      const call = this.#client.makeServerStreamRequest(limitMethods.pull.path, same, same, size);
      call.on('data', () => {});
      call.on('end', resolve);
      call.on('error', reject);
    });
  }

  push(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest(limitMethods.push.path, same, same, (error) =>
        error === null ? resolve() : reject(error),
      );
      const message = Buffer.alloc(LIMIT_MESSAGE_BYTES, 1);
      let left = bytes;
      const send = (): void => {
        while (left > 0) {
          left -= message.byteLength;
          if (!call.write(message)) {
            call.once('drain', send);
            return;
          }
        }
        call.end();
      };
      send();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#stop();
  }
}
