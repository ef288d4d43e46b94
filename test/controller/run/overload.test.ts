/** An hour of a source that is ten times too fast, in virtual time: source, ledger, sink and what is remembered of measurements take no more memory than at first. */
import v8 from 'node:v8';
import vm from 'node:vm';
import test from 'ava';
import { MeasureSummary } from '../../../controller/run/measure-summary.ts';
import { randomInput } from '../../../controller/run/random-input.ts';
import { Sink } from '../../../controller/run/sink.ts';
import { Source } from '../../../controller/run/source.ts';
import { Random } from '../../../mesh/random.ts';
import { oneWay } from '../../../partition/flow/flow.ts';
import { Trace } from '../../sim/trace.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';

const HOUR_MS = 3_600_000;
/** 10 frames per second come out, 100 are offered. */
const FRAME_MS = 100;
const RATE = 100;
const FRAMES = (HOUR_MS / 1000) * RATE;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Bytes that are in use, garbage apart. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

for (const policy of ['oldest', 'newest', 'wait'] as const) {
  test.serial(`an hour of ten times too many frames: memory is flat (${policy})`, async (t) => {
    const clock = new VirtualClock(new Random(1), new Trace());
    const measured = new MeasureSummary();
    const flow = oneWay(1);
    const outputs = { count: 0, last: -1 };
    const source = new Source({
      input: randomInput([{ name: 'x', dtype: 'float32', dims: [16] }], 1),
      frames: FRAMES,
      window: 'auto',
      rateFps: RATE,
      dropping: policy === 'wait' ? undefined : { policy, deadlineMs: 500 },
      flow,
      clock,
      signal: new AbortController().signal,
    });
    const sink = new Sink({
      consumers: [
        {
          take: async (id, _tensors, index) => {
            if (Number(id) !== outputs.count || index <= outputs.last)
              throw new Error(`frame ${id}, of the input ${index}, came after ${outputs.last}`);
            outputs.count += 1;
            outputs.last = index;
          },
          skip: async () => {},
          sync: async () => {},
        },
      ],
      indexOf: (id) => source.indexOf(id)!,
      acknowledge: (next) => source.acknowledge(next),
      onArrival: (frame, atMs) => {
        const startMs = source.startMs(frame)!;
        measured.add({
          frames: [{ frame, startMs, latencyMs: atMs - startMs }],
          stages: [{ stage: 's', device: 'd', frame, queueUs: 1, decodeUs: 1, computeUs: FRAME_MS * 1000, encodeUs: 1 }],
          links: [
            { from: 's', to: 'sink', frame, rawBytes: 64, wireBytes: 64, transferUs: 10, occupiedUs: 10, encodeUs: 1, codec: 'none' },
          ],
        });
      },
      onFailed: (error) => t.fail(String(error)),
      now: clock.now,
    });
    let freeMs = 0;
    const send = async (id: bigint): Promise<{ encodeUs: number }> => {
      freeMs = Math.max(freeMs, clock.now()) + FRAME_MS;
      clock.after(freeMs - clock.now(), () => sink.take({ id, tensors: new Map(), decodeUs: 0, release: () => {} }));
      return { encodeUs: 0 };
    };
    source.replay({ outbox: { send }, flow });
    const done = source.run().then(
      () => false,
      (error: unknown) => error,
    );
    // When samples are full.
    await clock.run({ untilMs: HOUR_MS / 3 });
    const [early, remembered] = [heap(), measured.size];
    await clock.run({ untilMs: HOUR_MS });
    const grown = heap() - early;
    // Samples are full; the line of peaks has between half of its points and all.
    t.true(Math.abs(measured.size - remembered) < 800, `${remembered} numbers, then ${measured.size}`);
    t.true(grown < 2 ** 20, `${grown} bytes more than forty minutes before`);
    t.true(source.window < 10);
    const { offered, dropped } = source.counts;
    t.is(offered, FRAMES);
    t.true(Math.abs(outputs.count - HOUR_MS / FRAME_MS) < 10, `${outputs.count} outputs`);
    if (policy === 'wait') t.is(dropped, 0);
    else {
      await clock.run({ untilMs: 2 * HOUR_MS });
      t.is(await done, false);
      t.is(source.counts.dropped + outputs.count, FRAMES);
    }
    t.deepEqual(sink.count(source.sent), {
      sent: source.sent,
      received: outputs.count,
      lost: source.sent - outputs.count,
      duplicated: 0,
      outOfOrder: 0,
    });
  });
}
