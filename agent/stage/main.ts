/**
 * The stage process: a child of the agent that owns one session. It obeys the orders of protocol.ts (stage-program.ts), serves Pull on a port of its
 * own, and ends when it is told to, when it fails, or when its agent is gone.
 */
import process from 'node:process';
import { Server } from '@grpc/grpc-js';
import { clockOf } from '../../mesh/clock.ts';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import { serverCredentials } from '../../mesh/grpc/credentials.ts';
import { serverOptions } from '../../mesh/grpc/options.ts';
import { grpcLink } from '../../mesh/link/grpc/client.ts';
import { addLinkService } from '../../mesh/link/grpc/server.ts';
import type { Accept } from '../../mesh/link/link.ts';
import { byteLength } from '../../mesh/tensor.ts';
import { Channel } from './channel.ts';
import type { LoadOrder, Order } from './protocol.ts';
import { SessionThread } from './session-thread.ts';
import { type OpenSession, type Served, StageProgram } from './stage-program.ts';
import { WarmUp } from './warm-up.ts';

// Before the runtime is loaded: it reads this once, and would otherwise write a device id and send telemetry.
process.env.ORT_DISABLE_TELEMETRY = '1';

const link = grpcLink();
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
let thread: SessionThread | undefined;

const program = new StageProgram({
  openSession,
  serve,
  link,
  codecs: tensorCodecs,
  clock: clockOf(now),
  report: (report, then) => channel.send(report, then),
  exit: leave,
});
const channel = Channel.toAgent({
  message: (order) => program.obey(order as Order),
  // The agent is gone: nobody can stop this process any more, so it stops itself.
  closed: () => leave(1),
});
process.on('uncaughtException', (error) => program.fail(MeshError.from(error)));
// Ctrl-C in a terminal reaches the whole process group; the agent decides when a stage ends.
process.on('SIGINT', () => {});

async function openSession(order: LoadOrder): Promise<OpenSession> {
  thread = new SessionThread();
  const { kind: _, ...facts } = await thread.load(order);
  return { session: thread, facts };
}

/** An exit waits for the session's thread, which listens to nobody while it computes: seconds in which the device is not free. */
function leave(code: number): void {
  if (thread?.busy === true) process.kill(process.pid, 'SIGKILL');
  else process.exit(code);
}

async function serve({ listen, insecure, inputs }: LoadOrder, accept: Accept): Promise<Served> {
  const server = new Server(serverOptions);
  const warmUp = new WarmUp();
  addLinkService(server, (stream) => {
    if (!warmUp.accept(stream)) accept(stream);
  });
  const close = (): Promise<void> => new Promise((resolve) => server.tryShutdown(() => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, serverCredentials(listen, { insecure }), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new MeshError('failed', `the stage can't listen on ${listen}: ${error.message}`, { cause: error }));
    });
  });
  // A dimension that is not known is one.
  const bytes = inputs.reduce(
    (sum, { dtype, dims }) =>
      sum +
      byteLength(
        dtype,
        dims.map((dim) => Math.max(dim, 1)),
      ),
    0,
  );
  await warmUp.run({ address: listen.replace(/:\d+$/, `:${port}`), bytes, link, codecs: tensorCodecs, now });
  return { port, close };
}
