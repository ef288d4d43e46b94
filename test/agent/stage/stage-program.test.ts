/** The stage's program inside the test's process: a memory link, a clock that stands still, and a session that computes when it is told to. */
import test from 'ava';
import type { EndFlag } from '../../../agent/stage/end-flag.ts';
import type { Order, Report } from '../../../agent/stage/protocol.ts';
import type { Session, SessionFrame } from '../../../agent/stage/session.ts';
import { StageProgram } from '../../../agent/stage/stage-program.ts';
import { tensorCodecs } from '../../../mesh/codec/registry.ts';
import { MeshError } from '../../../mesh/error.ts';
import { Inbox } from '../../../mesh/link/inbox.ts';
import type { Accept } from '../../../mesh/link/link.ts';
import { MemoryNetwork } from '../../../mesh/link/memory.ts';
import { Outbox } from '../../../mesh/link/outbox.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { floats, openOrder } from './stage-harness.ts';

/** Computes a frame when `step` is called, as a thread would: those that wait stay in its queue. */
class SteppedSession implements Session {
  readonly computed: number[] = [];
  readonly #queue: { readonly frame: SessionFrame; readonly answer: PromiseWithResolvers<Awaited<ReturnType<Session['run']>>> }[] = [];

  get queued(): number {
    return this.#queue.length;
  }

  run(frame: SessionFrame) {
    const answer = Promise.withResolvers<Awaited<ReturnType<Session['run']>>>();
    this.#queue.push({ frame, answer });
    return answer.promise;
  }

  step(): void {
    const { frame, answer } = this.#queue.shift()!;
    if ((frame.ended as EndFlag).isSet) {
      answer.reject(new MeshError('cancelled', 'its flow has ended'));
      return;
    }
    const [x] = frame.inputs;
    this.computed.push(new Float32Array(x!.buffer)[0]!);
    answer.resolve({ outputs: [{ ...x!, name: 'y', buffer: x!.buffer.slice() }], spent: [x!.buffer], startMs: 0, endMs: 1 });
  }
}

class Bench {
  readonly clock = new ManualClock();
  readonly network = new MemoryNetwork();
  readonly session = new SteppedSession();
  readonly reports: Report[] = [];
  exitCode: number | undefined;
  readonly program: StageProgram;

  constructor() {
    this.program = new StageProgram({
      openSession: async () => ({ session: this.session, facts: { loadMs: 1, warmupMs: 0, outputs: [], kernels: [] } }),
      serve: async (_, accept: Accept) => {
        const close = this.network.listen('s', accept);
        return { port: 1, close: async () => close() };
      },
      link: this.network.link(),
      codecs: tensorCodecs,
      clock: this.clock,
      report: (report, then) => {
        this.reports.push(report);
        then?.();
      },
      exit: (code) => {
        this.exitCode = code;
      },
    });
    this.order({
      kind: 'load',
      run: 'r',
      stage: 's',
      modelPath: '',
      inputs: [{ name: 'x', dtype: 'float32', dims: [1] }],
      outputs: ['y'],
      session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
      warmupRuns: 0,
      listen: 's',
      insecure: false,
    });
  }

  order(order: Order): void {
    this.program.obey(order);
  }

  said(kind: Report['kind'], epoch?: bigint): Report[] {
    return this.reports.filter((report) => report.kind === kind && report.kind !== 'ready' && report.epoch === epoch);
  }

  /** Opens and starts an epoch whose source sends `frames`, each with its epoch and id as its value; nobody takes the outputs until `take`. */
  async run(epoch: bigint, frames: number, windowFrames = 8): Promise<void> {
    this.order(openOrder({ epoch, windowFrames }));
    await waitUntil('the flow', () => this.said('opened', epoch).length === 1);
    const routes = [{ to: 's', tensors: ['x'], codecs: ['none'] }];
    const outbox = new Outbox({ run: 'r', epoch, producer: 'source', routes, codecs: tensorCodecs, now: this.clock.now });
    this.network.listen(`source ${epoch}`, (stream) => outbox.accept(stream));
    this.order({ kind: 'start', epoch, first: 0n, inputs: [{ from: 'source', address: `source ${epoch}`, tensors: ['x'] }] });
    for (let id = 0; id < frames; id += 1)
      void outbox.send(BigInt(id), new Map([['x', floats([1], [Number(epoch) * 100 + id])]])).catch(() => {});
  }

  take(epoch: bigint, windowFrames: number): { readonly got: number[]; readonly release: () => void } {
    const held: (() => void)[] = [];
    const got: number[] = [];
    const inbox = new Inbox({
      run: 'r',
      epoch,
      consumer: 'sink',
      first: 0n,
      routes: [{ from: 's', address: 's', tensors: ['y'] }],
      windowFrames,
      windowBytes: 1024,
      link: this.network.link(),
      codecs: tensorCodecs,
      now: this.clock.now,
      onFrame: (frame) => {
        got.push(new Float32Array(frame.tensors.get('y')!.data.buffer)[0]!);
        held.push(() => frame.release());
      },
      onLost: () => {},
    });
    inbox.start();
    return { got, release: () => held.shift()!() };
  }

  /** What the flow says of itself now. */
  progress(epoch: bigint) {
    this.clock.advance(500);
    return this.said('progress', epoch).at(-1);
  }
}

test('after an order to retire an epoch nothing of it is computed, also what waits at the session; the other epoch goes on', async (t) => {
  const bench = new Bench();
  await bench.run(1n, 5);
  await waitUntil('a full queue', () => bench.session.queued === 2);
  await bench.run(2n, 2);
  await waitUntil('both queues', () => bench.session.queued === 4);
  const sink = bench.take(2n, 8);
  bench.order({ kind: 'retire', epoch: 1n });
  for (let steps = 4; steps > 0; steps -= 1) bench.session.step();
  await waitUntil('the outputs', () => sink.got.length === 2);
  t.deepEqual(bench.session.computed, [200, 201]);
  t.is(bench.session.queued, 0);
  await waitUntil('the answer', () => bench.said('retired', 1n).length === 1);
  t.like(bench.said('retired', 1n)[0], { frames: 0 });
});

test('an epoch that is retired before the session is there is never opened', async (t) => {
  const bench = new Bench();
  bench.order(openOrder({ epoch: 1n }));
  bench.order({ kind: 'retire', epoch: 1n });
  bench.order(openOrder({ epoch: 2n }));
  await waitUntil('the newer flow', () => bench.said('opened', 2n).length === 1);
  t.deepEqual([bench.said('opened', 1n).length, bench.said('retired', 1n).length], [0, 1]);
});

test('progress tells what a flow holds, and how much of that only waits for a consumer', async (t) => {
  const bench = new Bench();
  await bench.run(1n, 5);
  await waitUntil('a full queue', () => bench.session.queued === 2);
  await waitUntil('all frames', () => (bench.progress(1n) as { held?: number }).held === 5);
  t.like(bench.progress(1n), { frames: 0, held: 5, blocked: 0 });
  for (let id = 0; id < 3; id += 1) {
    await waitUntil('a frame', () => bench.session.queued > 0);
    bench.session.step();
  }
  await waitUntil('computed', () => (bench.progress(1n) as { frames?: number }).frames === 3);
  t.like(bench.progress(1n), { frames: 3, held: 5, blocked: 3 });
  const sink = bench.take(1n, 2);
  await waitUntil('two are sent', () => sink.got.length === 2);
  await waitUntil('and told', () => (bench.progress(1n) as { blocked?: number }).blocked === 1);
  t.like(bench.progress(1n), { frames: 3, held: 3, blocked: 1 });
  sink.release();
  await waitUntil('one more', () => sink.got.length === 3);
  t.deepEqual(sink.got, [100, 101, 102]);
});

test('an order to end closes every stream and ends the process', async (t) => {
  const bench = new Bench();
  await bench.run(1n, 1);
  bench.order({ kind: 'end' });
  await waitUntil('the end', () => bench.exitCode !== undefined);
  t.is(bench.exitCode, 0);
  t.is(bench.said('failed').length, 0);
});

test('a process that is killed says nothing, and its clock has nothing left to do', async (t) => {
  const bench = new Bench();
  await bench.run(1n, 1);
  const reported = bench.reports.length;
  bench.program.kill();
  t.is(bench.clock.waiting, 0);
  bench.clock.advance(10_000);
  t.is(bench.reports.length, reported);
});
