import test from 'ava';
import { Holder } from '../../../controller/detached/holder.ts';
import { isAbandoned, RunRecords, SILENT_MS } from '../../../controller/detached/run-records.ts';
import { MemoryRegistry } from '../../../mesh/bus/memory-registry.ts';
import type { Clock } from '../../../mesh/clock.ts';
import type { RunOrder } from '../../../mesh/run-order.ts';

const order: RunOrder = {
  run: 'r',
  model: 'lenet',
  modelFile: undefined,
  cuts: 'layer2',
  plan: undefined,
  objective: 'throughput',
  on: ['pa'],
  spares: 0,
  weight: 100,
  threads: undefined,
  frames: 7,
  input: undefined,
  seed: 1,
  output: undefined,
  keepFrames: undefined,
  rateFps: 2.5,
  window: 'auto',
  codec: 'auto',
  errorBudget: undefined,
  shadowEvery: 20,
  verify: '3',
};

/** A registry and a clock that goes on when it is told to. */
function world() {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly then: () => void }>();
  const clock: Clock = {
    now: () => nowMs,
    after: (ms, then) => {
      const timer = { atMs: nowMs + ms, then };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  const registry = new MemoryRegistry(() => nowMs);
  const records = new RunRecords(registry);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    const endMs = nowMs + ms;
    for (;;) {
      const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      nowMs = next.atMs;
      timers.delete(next);
      next.then();
      await turn();
    }
    nowMs = endMs;
    await turn();
  };
  const claim = (device: string, incarnation: string, termKnown = 0) =>
    Holder.claim({ records, order, device, incarnation, termKnown, clock, wallClock: () => 1_000 });
  return { registry, records, pass, claim };
}

test('a process that claims a run writes a record with every beat, and is not taken for dead', async (t) => {
  const { records, pass, claim } = world();
  const holder = (await claim('pa', 'one'))!;
  t.is(holder.record.term, 1);
  holder.say({ next: 5n, state: 'streaming', epoch: 1n });
  await pass(SILENT_MS * 3);
  const found = await records.find('r');
  t.like(found.record, { next: 5n, state: 'streaming', device: 'pa', incarnation: 'one' });
  t.deepEqual(found.record.order, order);
  t.false(isAbandoned(found));
  await holder.close();
  await pass(SILENT_MS);
  t.true(isAbandoned(await records.find('r')));
});

test('the next process of the same device goes on in a later term, and the one before it finds out that it was replaced', async (t) => {
  const { records, pass, claim } = world();
  const old = (await claim('pa', 'one'))!;
  old.say({ next: 5n, state: 'streaming' });
  await pass(1_000);
  const young = (await claim('pa', 'two', 1))!;
  t.like(young.record, { term: 2, next: 5n, state: 'starting' });
  t.false(old.replaced.aborted);
  await pass(1_000);
  t.true(old.replaced.aborted);
  t.false(young.replaced.aborted);
  await old.finish({ state: 'failed', error: 'too late' });
  t.is((await records.find('r')).record.state, 'starting');
});

test('a run that was handed to another device is not claimed by the one it was on, and its process there stops', async (t) => {
  const { records, pass, claim } = world();
  const old = (await claim('pa', 'one'))!;
  const { record, revision } = await records.find('r');
  await records.put({ ...record, device: 'pb', incarnation: '' }, revision);
  t.is(await claim('pa', 'two', 1), undefined);
  await pass(1_000);
  t.true(old.replaced.aborted);
  t.is((await claim('pb', 'three'))?.record.term, 2);
});

test('a run that is over is not claimed again', async (t) => {
  const { records, claim } = world();
  const holder = (await claim('pa', 'one'))!;
  await holder.finish({ state: 'done', report: '{}' });
  t.is(await claim('pa', 'two', 1), undefined);
  t.is((await records.find('r')).record.state, 'done');
});

test('when the registry loses its store the next beat writes the record again, and terms go on from what the device knows', async (t) => {
  const { registry, records, pass, claim } = world();
  const holder = (await claim('pa', 'one', 4))!;
  t.is(holder.record.term, 5);
  holder.say({ next: 9n });
  registry.lose();
  await pass(1_000);
  t.false(holder.replaced.aborted);
  t.like((await records.find('r')).record, { next: 9n, term: 5 });
});

test('a record of an earlier term, from a store that was put back, is overruled', async (t) => {
  const { records, claim } = world();
  const first = (await claim('pb', 'one'))!;
  await first.close();
  t.is((await claim('pa', 'two', 3))?.record.term, 4);
  t.is((await records.find('r')).record.device, 'pa');
});

test('a run that nobody knows is refused with the names of those that are known', async (t) => {
  const { records, claim } = world();
  await t.throwsAsync(records.find('x'), { message: 'there is no detached run "x"' });
  await claim('pa', 'one');
  const error = await t.throwsAsync(records.find('other'));
  t.is((error as { hint?: string }).hint, 'known are r');
});
