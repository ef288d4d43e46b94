/**
 * The stage process: a child of the agent that owns one session. It obeys the orders of protocol.ts, serves Pull on a port of its own,
 * and ends when it is told to, when it fails, or when its agent is gone.
 */
import process from 'node:process';
import { Server } from '@grpc/grpc-js';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import { serverCredentials } from '../../mesh/grpc/credentials.ts';
import { serverOptions } from '../../mesh/grpc/options.ts';
import { grpcLink } from '../../mesh/link/grpc/client.ts';
import { addLinkService } from '../../mesh/link/grpc/server.ts';
import { Channel } from './channel.ts';
import { MeasureBatcher } from './measure-batcher.ts';
import type { LoadOrder, Order, Report } from './protocol.ts';
import { SessionThread } from './session-thread.ts';
import { Stage } from './stage.ts';

/** How often measurements and progress go to the agent. */
const REPORT_INTERVAL_MS = 500;
/** How long an orderly end may take at each of its two steps. */
const FINISH_TIMEOUT_MS = 500;

// Before the runtime is loaded: it reads this once, and would otherwise write a device id and send telemetry.
process.env.ORT_DISABLE_TELEMETRY = '1';

const measures = new MeasureBatcher();
let stage: Stage | undefined;
let server: Server | undefined;
let ending = false;

const channel = Channel.toAgent({
  message: (order) => {
    obey(order as Order).catch((error: unknown) => fail(MeshError.from(error)));
  },
  // The agent is gone: nobody can stop this process any more, so it stops itself.
  closed: () => process.exit(1),
});
process.on('uncaughtException', (error) => fail(MeshError.from(error)));
// Ctrl-C in a terminal reaches the whole process group; the agent decides when a stage ends.
process.on('SIGINT', () => {});

async function obey(order: Order): Promise<void> {
  if (order.kind === 'load') await load(order);
  else if (order.kind === 'start') stage?.start(order);
  else if (order.kind === 'recode') stage?.recode(order);
  else await retire();
}

async function load(order: LoadOrder): Promise<void> {
  const session = new SessionThread();
  const { kind: _, ...facts } = await session.load(order);
  stage = new Stage({
    order,
    session,
    link: grpcLink(),
    codecs: tensorCodecs,
    measures,
    now: () => Number(process.hrtime.bigint()) / 1e6,
    onFailed: fail,
  });
  const port = await serve(order, stage);
  setInterval(reportProgress, REPORT_INTERVAL_MS).unref();
  report({ kind: 'ready', port, ...facts });
}

function serve(order: LoadOrder, accepting: Stage): Promise<number> {
  const listening = new Server(serverOptions);
  server = listening;
  addLinkService(listening, (stream) => accepting.accept(stream));
  return new Promise((resolve, reject) => {
    listening.bindAsync(order.listen, serverCredentials(order.listen, { insecure: order.insecure }), (error, port) => {
      if (error === null) resolve(port);
      else reject(new MeshError('failed', `the stage can't listen on ${order.listen}: ${error.message}`, { cause: error }));
    });
  });
}

async function retire(): Promise<void> {
  if (ending) return;
  ending = true;
  // The measurements of the last frames are complete when their consumers have confirmed them; a consumer that hangs does not hold this up.
  await within(stage?.finish(), FINISH_TIMEOUT_MS);
  stage?.close();
  await within(server === undefined ? undefined : new Promise<void>((resolve) => server!.tryShutdown(() => resolve())), FINISH_TIMEOUT_MS);
  reportProgress();
  report({ kind: 'retired', frames: stage?.frames ?? 0 }, () => process.exit(0));
}

async function within(work: Promise<void> | undefined, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

function fail(error: MeshError, lostPeer?: string): void {
  if (ending) return;
  ending = true;
  reportProgress();
  const failed = { kind: 'failed', code: error.code, reason: error.message } as const;
  report(lostPeer === undefined ? failed : { ...failed, lostPeer }, () => process.exit(1));
}

function reportProgress(): void {
  const batch = measures.take();
  if (batch !== undefined) report({ kind: 'measure', batch });
  if (stage !== undefined) report({ kind: 'progress', frames: stage.frames });
}

function report(message: Report, then?: () => void): void {
  channel.send(message, then);
}
