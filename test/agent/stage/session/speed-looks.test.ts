/** How often a stage looks how fast its processor is, and what it makes of what it sees. */
import test from 'ava';
import { SpeedLooks } from '../../../../agent/stage/session/speed-looks.ts';
import type { ProbeTools } from '../../../../agent/stage/session/speed-probe.ts';

const session = { intraOpThreads: 1, spinning: false, graphOptimization: 'all' } as const;
const speedProbe = { modelPath: '/probe.onnx', inputs: [{ name: 'x', dtype: 'float32', dims: [1] }], outputs: ['y'] } as const;

/** A processor on which an inference of the probe takes `ms`, by a clock of its own. */
class MadeUpProcessor {
  ms = 0.5;
  nowMs = 0;
  runs = 0;
  broken = false;

  readonly #run = async (): Promise<void> => {
    if (this.broken) throw new Error('out of memory');
    this.runs += 1;
    this.nowMs += this.ms;
  };

  readonly tools = {
    open: async () => ({ run: this.#run, release: async () => {} }),
    now: () => this.nowMs,
  } as unknown as ProbeTools;
}

async function looking(): Promise<{
  readonly looks: SpeedLooks;
  readonly processor: MadeUpProcessor;
  readonly frames: (count: number) => Promise<void>;
}> {
  const processor = new MadeUpProcessor();
  const looks = (await SpeedLooks.open({ speedProbe, session }, processor.tools))!;
  const frames = async (count: number): Promise<void> => {
    for (let frame = 0; frame < count; frame += 1) {
      processor.nowMs += 10;
      await looks.look();
    }
  };
  return { looks, processor, frames };
}

test('a look takes a hundredth of the time, more often at first', async (t) => {
  const { processor, frames } = await looking();
  const share = async (count: number): Promise<number> => {
    const [runs, startMs] = [processor.runs, processor.nowMs];
    await frames(count);
    return ((processor.runs - runs) * processor.ms) / (processor.nowMs - startMs);
  };
  const soon = await share(100);
  const later = await share(5000);
  t.true(soon > 0.012 && soon < 0.04, `${soon}`);
  t.true(later > 0.008 && later <= 0.0101, `${later}`);
});

test('one look that met something else does not count; a change shows with the second', async (t) => {
  const { looks, processor, frames } = await looking();
  t.is(looks.ms, 0.5);
  /** Until it has looked once more. */
  const lookAgain = async (ms: number): Promise<number> => {
    const before = processor.runs;
    processor.ms = ms;
    while (processor.runs === before) await frames(1);
    return looks.ms;
  };
  t.deepEqual([await lookAgain(2), await lookAgain(0.5), await lookAgain(1), await lookAgain(1)], [0.5, 0.5, 1, 1]);
});

test('a probe that fails is not run again, and nobody else fails', async (t) => {
  const { looks, processor, frames } = await looking();
  processor.broken = true;
  await frames(100);
  processor.broken = false;
  const { runs } = processor;
  await frames(100);
  t.is(processor.runs, runs);
  t.is(looks.ms, 0.5);
  const broken = new MadeUpProcessor();
  broken.broken = true;
  t.is(await SpeedLooks.open({ speedProbe, session }, broken.tools), undefined);
  t.is(await SpeedLooks.open({ session }, new MadeUpProcessor().tools), undefined);
});
