import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { BenchQueue, QUIET_MS, type QueuedOrder } from '../../../agent/bench/bench-queue.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

function queueOf(stages = { count: 0 }) {
  const clock = new ManualClock();
  const queue = new BenchQueue({ device: 'pi', clock, stages: () => stages.count });
  const told: string[] = [];
  const enter = (run: string, changes: Partial<QueuedOrder> = {}, signal = new AbortController().signal) =>
    queue.enter(
      { run, whenBusy: 'wait', besideStages: false, ...changes },
      (ahead, why) => told.push(`${run}: ${ahead} ahead, ${why}`),
      signal,
    );
  const look = async (): Promise<void> => {
    for (let i = 0; i < 3; i += 1) {
      await setImmediate();
      clock.advance(200);
    }
    await setImmediate();
  };
  return { queue, enter, told, look, stages };
}

test('runs have their turns one after the other, in the order they came', async (t) => {
  const { enter, told, look } = queueOf();
  const order: string[] = [];
  const leaveA = await enter('a');
  const waiting = ['b', 'c'].map(async (run) => {
    const leave = await enter(run);
    order.push(run);
    return leave;
  });
  await look();
  t.deepEqual(order, []);
  t.deepEqual(told, ['b: 1 ahead, a is running', 'c: 2 ahead, a is running']);
  leaveA();
  await look();
  t.deepEqual(order, ['b']);
  (await waiting[0]!)();
  await look();
  t.deepEqual(order, ['b', 'c']);
});

test('a run waits for stages to end; no stage is taken while it goes on', async (t) => {
  const { queue, enter, told, look, stages } = queueOf({ count: 2 });
  let began = false;
  const waiting = enter('a').then((leave) => {
    began = true;
    return leave;
  });
  await look();
  t.false(began);
  t.deepEqual(told, ['a: 0 ahead, 2 stages are running']);
  t.notThrows(() => queue.admitStage());
  stages.count = 0;
  await look();
  t.false(began, 'a run may bring its stage back');
  t.is(told.at(-1), 'a: 0 ahead, its last stage has just ended, and may come back');
  for (let i = 0; i < QUIET_MS / 600; i += 1) await look();
  t.true(began);
  t.throws(() => queue.admitStage(), { code: 'conflict', message: /a benchmark runs on pi \(a\)/ });
  (await waiting)();
  t.notThrows(() => queue.admitStage());
});

test('a run that may be beside stages waits for none, and stages come beside it', async (t) => {
  const { queue, enter } = queueOf({ count: 1 });
  await enter('a', { besideStages: true });
  t.notThrows(() => queue.admitStage());
});

test('a run that does not wait is refused with the reason, and leaves no trace', async (t) => {
  const { queue, enter, stages } = queueOf({ count: 1 });
  await t.throwsAsync(enter('a', { whenBusy: 'refuse' }), { code: 'conflict', message: 'pi is busy: a stage is running' });
  stages.count = 0;
  const leave = await enter('a');
  await t.throwsAsync(enter('b', { whenBusy: 'refuse' }), { code: 'conflict', message: 'pi is busy: a is running' });
  await t.throwsAsync(enter('a'), { code: 'conflict', message: 'a is on pi already' });
  leave();
  t.is(queue.length, 0);
});

test('one that is cancelled while it waits leaves its place to the next; draining refuses all that wait', async (t) => {
  const { queue, enter, look } = queueOf();
  const leave = await enter('a');
  const cancelled = new AbortController();
  const b = enter('b', {}, cancelled.signal);
  const c = enter('c');
  const refused = [t.throwsAsync(b, { message: 'enough' }), t.throwsAsync(c, { code: 'conflict', message: /draining/ })];
  cancelled.abort(new Error('enough'));
  await refused[0];
  t.is(queue.length, 2);
  queue.drain();
  await look();
  await refused[1];
  leave();
  t.is(queue.length, 0);
});

test('a draining device is idle when its last run has ended; whoever is impatient does not wait for that', async (t) => {
  const { queue, enter, look } = queueOf();
  const never = new AbortController().signal;
  await queue.idle(never);
  const leave = await enter('a');
  const waiting = enter('b');
  queue.drain();
  let idle = false;
  const all = queue.idle(never).then(() => (idle = true));
  await Promise.all([t.throwsAsync(waiting, { code: 'conflict', message: /draining/ }), look()]);
  t.false(idle);
  const impatient = new AbortController();
  const stopped = queue.idle(impatient.signal);
  impatient.abort();
  await stopped;
  leave();
  await look();
  await all;
});

test('no device has endless patience: the hundred-and-first that waits is refused', async (t) => {
  const { enter, queue } = queueOf();
  const ending = new AbortController();
  setMaxListeners(200, ending.signal);
  const all = Array.from({ length: 100 }, (_, index) => enter(`r${index}`, {}, ending.signal).catch(() => {}));
  await t.throwsAsync(enter('more'), { code: 'conflict', message: /100 benchmarks wait for pi already/ });
  ending.abort();
  await Promise.all(all);
  t.is(queue.length, 1, 'the first has its turn');
});
