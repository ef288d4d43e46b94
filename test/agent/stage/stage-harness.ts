/** A real stage process and what stands around it: a source that it pulls from, and a consumer of what it makes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Server } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { CHANNEL_FD, Channel } from '../../../agent/stage/channel.ts';
import type { LoadOrder, OpenOrder, Order, Report } from '../../../agent/stage/protocol.ts';
import { tensorCodecs } from '../../../mesh/codec/registry.ts';
import { serverCredentials } from '../../../mesh/grpc/credentials.ts';
import { serverOptions } from '../../../mesh/grpc/options.ts';
import { grpcLink } from '../../../mesh/link/grpc/client.ts';
import { addLinkService } from '../../../mesh/link/grpc/server.ts';
import { type InboundFrame, Inbox } from '../../../mesh/link/inbox.ts';
import { Outbox } from '../../../mesh/link/outbox.ts';
import type { Tensor, TensorSpec } from '../../../mesh/tensor.ts';
import type { Turns } from '../../../mesh/turns.ts';
import { tinyModel } from '../../fixtures/tiny-onnx.ts';
import { stageProgram } from '../../helpers/repository.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const now = (): number => performance.now();

/** A real stage process with its reports in the order they came. */
export class StageUnderTest {
  readonly process: ChildProcess;
  readonly channel: Channel;
  readonly reports: Report[] = [];
  readonly exit: Promise<number | null>;
  #wake: () => void = () => {};

  constructor(t: ExecutionContext) {
    this.process = spawn(process.execPath, [stageProgram], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
    this.channel = new Channel(this.process.stdio[CHANNEL_FD] as Socket, {
      message: (report) => {
        this.reports.push(report as Report);
        this.#wake();
      },
      closed: () => {},
    });
    this.exit = once(this.process, 'exit').then(([code]) => code as number | null);
    t.teardown(async () => {
      this.process.kill('SIGKILL');
      await this.exit;
    });
  }

  order(order: Order): void {
    this.channel.send(order);
  }

  /** The first of a kind, past or future. */
  async report<K extends Report['kind']>(kind: K, epoch?: bigint): Promise<Extract<Report, { kind: K }>> {
    for (;;) {
      const found = this.reports.find(
        (report) => report.kind === kind && (epoch === undefined || ('epoch' in report && report.epoch === epoch)),
      );
      if (found !== undefined) return found as Extract<Report, { kind: K }>;
      const failed = this.reports.find((report) => report.kind === 'failed' && report.epoch === undefined);
      if (failed !== undefined) throw new Error(`the stage failed: ${failed.reason}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export const spec = (name: string, dims: readonly number[], dtype: TensorSpec['dtype'] = 'float32'): TensorSpec => ({ name, dtype, dims });

export async function loadOrder(t: ExecutionContext, model: Uint8Array, overrides: Partial<LoadOrder> = {}): Promise<LoadOrder> {
  const modelPath = join(await tempFolder(t), 'model.onnx');
  await writeFile(modelPath, model);
  return {
    kind: 'load',
    run: 'r',
    stage: 's',
    modelPath,
    inputs: [spec('x', [2, 3])],
    outputs: ['y'],
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    warmupRuns: 1,
    listen: '127.0.0.1:0',
    insecure: false,
    ...overrides,
  };
}

export const openOrder = (overrides: Partial<OpenOrder> = {}): OpenOrder => ({
  kind: 'open',
  epoch: 1n,
  windowFrames: 3,
  windowBytes: 1 << 20,
  routes: [{ to: 'sink', tensors: ['y'], codecs: ['none'] }],
  ...overrides,
});

export const retireOrder: Order = { kind: 'retire', epoch: 1n };

/** A source served on a free port. */
export async function serveSource(
  t: ExecutionContext,
  tensors: readonly string[],
  { producer = 'source', epoch = 1n, turns }: { readonly producer?: string; readonly epoch?: bigint; readonly turns?: Turns } = {},
): Promise<{ readonly address: string; readonly outbox: Outbox }> {
  const outbox = new Outbox({
    run: 'r',
    epoch,
    producer,
    routes: [{ to: 's', tensors, codecs: ['none'], ...(turns && { turns }) }],
    codecs: tensorCodecs,
    now,
  });
  const server = new Server(serverOptions);
  addLinkService(server, (stream) => outbox.accept(stream));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials('127.0.0.1:0', { insecure: false }), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  t.teardown(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, outbox };
}

export function collect(
  t: ExecutionContext,
  port: number,
  tensors: readonly string[],
  count: number,
  onFrame: (frame: InboundFrame) => void,
  { consumer = 'sink', epoch = 1n, turns }: { readonly consumer?: string; readonly epoch?: bigint; readonly turns?: Turns } = {},
): { readonly inbox: Inbox; readonly done: Promise<void> } {
  const done = Promise.withResolvers<void>();
  let seen = 0;
  const inbox = new Inbox({
    run: 'r',
    epoch,
    consumer,
    first: 0n,
    routes: [{ from: 's', address: `127.0.0.1:${port}`, tensors, ...(turns && { turns }) }],
    windowFrames: 3,
    windowBytes: 1 << 20,
    link: grpcLink(),
    codecs: tensorCodecs,
    now,
    onFrame: (frame) => {
      onFrame(frame);
      frame.release();
      seen += 1;
      if (seen === count) done.resolve();
    },
    onLost: (_, error) => done.reject(error),
  });
  inbox.start();
  t.teardown(() => inbox.close());
  return { inbox, done: done.promise };
}

export const floats = (dims: readonly number[], values: readonly number[]): Tensor => ({
  dtype: 'float32',
  dims,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
export const valuesOf = (tensor: Tensor): number[] => [
  ...new Float32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength / 4),
];

export const relu = tinyModel(
  [{ name: 'x', type: 1, dims: [2, 3] }],
  [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  [{ name: 'y', type: 1, dims: [2, 3] }],
);
