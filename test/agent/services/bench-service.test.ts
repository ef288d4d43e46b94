/** The Bench service over real gRPC, with a run that does what the test wants. */
import type { ClientReadableStream, Server, ServiceError } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { createBenchService, type RunOrder, type SettleRun } from '../../../agent/services/bench-service.ts';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import type { MeshError } from '../../../mesh/error.ts';
import { channelCredentials } from '../../../mesh/grpc/credentials.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import { benchOrderToWire } from '../../../mesh/wire-bench-order.ts';
import { benchEventFromWire } from '../../../mesh/wire-bench-record.ts';
import { BenchClient, BenchService, type BenchEvent as WireEvent } from '../../../proto/gen/mesh/v1/bench.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const request = benchOrderToWire({
  run: 'r',
  workload: { kind: 'command', argv: ['true'], env: {}, files: new Map() },
  limits: {},
  enforce: false,
  pageCache: 'as-is',
  deadlineMs: 1000,
  whenBusy: 'wait',
  besideStages: false,
});

async function serve(t: ExecutionContext, run: RunOrder, settle: SettleRun = async () => {}) {
  const bugs: unknown[] = [];
  const service = createBenchService(run, settle, (error) => bugs.push(error));
  const server = await GrpcServer.listen('127.0.0.1:0', { insecure: false }, (grpc: Server) =>
    grpc.addService(BenchService, service.implementation),
  );
  const client = new BenchClient(server.address, channelCredentials());
  t.teardown(async () => {
    client.close();
    await server.stop(0);
  });
  return { service, client, bugs };
}

async function all(call: ClientReadableStream<WireEvent>): Promise<{ events: BenchEvent[]; error: ServiceError | undefined }> {
  const events: BenchEvent[] = [];
  const error = await new Promise<ServiceError | undefined>((resolve) => {
    call.on('data', (wire: WireEvent) => events.push(benchEventFromWire(wire)));
    call.on('error', resolve);
    call.on('end', () => resolve(undefined));
  });
  return { events, error };
}

const live = { kind: 'live', cpuPercent: 1, memoryBytes: 2, processes: 3 } as const;

test('whoever does not listen does not fill the agent: what is for the moment is left out, and how many words', async (t) => {
  const told = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const line = 'x'.repeat(10_000);
  const { client } = await serve(t, async (_, tell) => {
    for (let i = 0; i < 20_000; i += 1) {
      tell(live);
      tell({ kind: 'log', stream: 'stdout', line });
      tell({ kind: 'metric', metric: { name: 'm', value: i, unit: '', labels: {}, atMs: i } });
      tell({ kind: 'phase', name: 'p', atMs: i });
    }
    told.resolve();
    await go.promise;
    tell({ kind: 'log', stream: 'stdout', line: 'after' });
    tell({ kind: 'queued', ahead: 0, why: 'last' });
  });
  const call = client.run(request);
  await told.promise;
  setTimeout(() => go.resolve(), 200);
  const { events } = await all(call);
  t.true(events.length < 200, `${events.length}`);
  t.true(events.some((event) => event.kind === 'log' && /^\d{5} lines were left out/.test(event.line)));
  t.deepEqual(events.at(-1), { kind: 'queued', ahead: 0, why: 'last' });
});

test('a call that is cancelled ends its run; a stopping agent ends all of them and waits until nothing is left', async (t) => {
  const reasons: string[] = [];
  let running = 0;
  const { client, service, bugs } = await serve(t, async (_, tell, signal) => {
    running += 1;
    tell({ kind: 'queued', ahead: 0, why: 'here' });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    reasons.push((signal.reason as MeshError).code);
    // Words of its last moment.
    tell({ kind: 'log', stream: 'stderr', line: 'killed' });
    running -= 1;
    throw signal.reason;
  });
  const cancelled = client.run(request);
  const first = all(cancelled);
  await waitUntil('it runs', () => running === 1);
  cancelled.cancel();
  t.is((await first).error?.code, 1);
  await waitUntil('it is ended', () => running === 0);
  const second = all(client.run(request));
  await waitUntil('it runs', () => running === 1);
  await service.close();
  t.is(running, 0);
  t.regex((await second).error?.details ?? '', /the agent is stopping/);
  t.deepEqual(reasons, ['cancelled', 'lost']);
  t.deepEqual(bugs, []);
});

test('an order that makes no sense is refused before anything runs', async (t) => {
  const { client } = await serve(t, () => t.fail());
  const { error } = await all(client.run({ ...request, deadlineMs: 0n }));
  t.is(error?.code, 3);
});
