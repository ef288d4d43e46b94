import test from 'ava';
import { stageResources } from '../../../agent/stages/resources.ts';

const session = { intraOpThreads: 0, spinning: false, graphOptimization: 'all' } as const;
const MiB = 2 ** 20;

test('threads: as many as whole cores are available, at least one', (t) => {
  const threads = (cores: number, device?: number, stage?: number) =>
    stageResources(
      cores,
      device === undefined ? {} : { cpuQuotaCores: device },
      stage === undefined ? {} : { cpuQuotaCores: stage },
      session,
    ).intraOpThreads;
  t.is(threads(4), 4);
  t.is(threads(4, 2.9), 2);
  t.is(threads(4, 0.4), 1);
  t.is(threads(4, 16), 4);
  t.is(threads(4, 3, 1.5), 1);
});

test('threads that were asked for are what is used', (t) => {
  t.is(stageResources(4, { cpuQuotaCores: 0.4 }, {}, { ...session, intraOpThreads: 3 }).intraOpThreads, 3);
});

test('the heap is a quarter of the tighter memory limit, within reason', (t) => {
  const heap = (device?: number, stage?: number) =>
    stageResources(
      4,
      device === undefined ? {} : { memoryLimitBytes: device * MiB },
      stage === undefined ? {} : { memoryLimitBytes: stage * MiB },
      session,
    ).heapMiBMax;
  t.is(heap(), 512);
  t.is(heap(512), 128);
  t.is(heap(512, 256), 64);
  t.is(heap(256, 512), 64);
  t.is(heap(64), 32);
  t.is(heap(16_384), 512);
});
