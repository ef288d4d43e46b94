/** Against a device that is made up: it tells what the test wants, and ends as the test wants. */
import test from 'ava';
import { NO_LOAD } from '../../../controller/profile/circumstance.ts';
import type { Job } from '../../../controller/profile/collection.ts';
import { runTurn } from '../../../controller/profile/run-turn.ts';
import type { PreparedSubject } from '../../../controller/profile/subjects/subject.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import type { BenchOrder } from '../../../mesh/bench/order.ts';
import type { Outcome } from '../../../mesh/bench/outcome.ts';
import type { TimedItem } from '../../../mesh/timing/figures.ts';
import type { TimingWorkload } from '../../../mesh/timing/workload.ts';
import { recordOf } from '../report/sweep-fixture.ts';
import { sample } from './samples-fixture.ts';

const subjects = new Map(
  ['a', 'b', 'c'].map((key): [string, PreparedSubject] => [
    key,
    {
      key,
      subject: { ...sample.subject, model: key },
      item: { model: { sha256: new Uint8Array(32), bytes: 1 }, externalData: new Map(), inputs: [], outputs: [key] },
      activations: new Map(),
      paths: new Map(),
    },
  ]),
);
const jobsOf = (...keys: readonly string[]): Job[] =>
  keys.map((subject, job) => ({
    job,
    turn: 4,
    device: 'd',
    threads: 1,
    load: { cores: 2, duty: 0.5 },
    subject,
    execution: 1,
    kernels: true,
  }));
const timed = (index: number): TimedItem => ({
  index,
  atMs: 10 * index,
  result: { kind: 'times', sessionMs: 1, batches: [3, 1, 2], count: 9, medianMs: 2, p90Ms: 3, minMs: 1, kernels: [] },
});

interface Attempt {
  readonly items: readonly TimedItem[];
  readonly outcome: Outcome;
}

function toolsFor(attempts: readonly Attempt[]) {
  const orders: BenchOrder[] = [];
  const kept: Sample[] = [];
  const failed: [number, string][] = [];
  const run = async (order: BenchOrder, onEvent: (event: BenchEvent) => void) => {
    const { items, outcome } = attempts[orders.length]!;
    orders.push(order);
    const record = recordOf({ outcome });
    onEvent({ kind: 'started', environment: record.environment });
    for (const item of items) onEvent({ kind: 'timed', item });
    return record;
  };
  const tools = {
    ...{ collection: 'c', subjects, seed: 1, run, wallClock: () => 1000 },
    timing: { warmUpMs: 1, batches: 3, batchMs: 1, kernelRuns: 5 },
    keep: async (_job: Job, one: Sample) => kept.push(one),
    fail: async ({ job }: Job, why: string) => failed.push([job, why]),
  };
  const keysOf = ({ workload }: BenchOrder) => (workload as TimingWorkload).items.map(({ outputs }) => outputs[0]);
  return { tools, orders, kept, failed, keysOf };
}

test('a turn is one order; what comes of each job is a sample with the median of its batches', async (t) => {
  const { tools, orders, kept, keysOf } = toolsFor([{ items: [timed(0), timed(1)], outcome: { kind: 'ok' } }]);
  await runTurn(jobsOf('b', 'a'), tools);
  t.deepEqual(orders.map(keysOf), [['b', 'a']]);
  t.like(orders[0], { backgroundLoad: { cores: 2, duty: 0.5 }, workload: { kind: 'timing', kernelRuns: 5 } });
  t.deepEqual(
    kept.map(({ subject, time, atMs, state }) => [subject.model, time.ms, atMs, state.ageMs]),
    [
      ['b', 2, 1000, 0],
      ['a', 2, 1010, 10],
    ],
  );
});

test('whoever ends the process has failed, and the others go on in another one', async (t) => {
  const { tools, orders, kept, failed, keysOf } = toolsFor([
    { items: [timed(0)], outcome: { kind: 'out-of-memory' } },
    { items: [timed(0)], outcome: { kind: 'ok' } },
  ]);
  await runTurn(jobsOf('a', 'b', 'c'), tools);
  t.deepEqual(orders.map(keysOf), [['a', 'b', 'c'], ['c']]);
  t.deepEqual(failed, [[1, 'out of memory']]);
  t.is(kept.length, 2);
  t.not(orders[0]!.run, orders[1]!.run);
});

test('a model that is refused, and one that is not there any more, fail alone', async (t) => {
  const refused: TimedItem = { index: 0, atMs: 0, result: { kind: 'failed', why: 'no such operator' } };
  const { tools, kept, failed } = toolsFor([{ items: [refused, timed(1)], outcome: { kind: 'ok' } }]);
  await runTurn(jobsOf('a', 'gone', 'b'), tools);
  t.deepEqual(failed, [
    [1, 'there is no such subject any more'],
    [0, 'no such operator'],
  ]);
  t.is(kept.length, 1);
});

test('a device that stops ends the turn, and what it told is kept', async (t) => {
  const { tools, kept, failed } = toolsFor([{ items: [timed(0)], outcome: { kind: 'cancelled' } }]);
  await t.throwsAsync(runTurn(jobsOf('a', 'b'), tools), { code: 'lost' });
  t.is(kept.length, 1);
  t.deepEqual(failed, []);
});

test('nobody is believed who tells of what was not asked, or skips something', async (t) => {
  const { tools, kept } = toolsFor([{ items: [timed(1), timed(7)], outcome: { kind: 'ok' } }]);
  await t.throwsAsync(runTurn(jobsOf('a', 'b'), tools), { code: 'lost', message: /0 jobs of 2 only$/ });
  t.is(kept.length, 0);
});

test('without load none is asked for', async (t) => {
  const { tools, orders } = toolsFor([{ items: [timed(0)], outcome: { kind: 'ok' } }]);
  await runTurn(
    jobsOf('a').map((job) => ({ ...job, load: NO_LOAD, kernels: false })),
    tools,
  );
  t.false('backgroundLoad' in orders[0]!);
  t.like(orders[0]!.workload, { kernelRuns: 0 });
});
