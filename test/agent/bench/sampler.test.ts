import test from 'ava';
import type { TreeMeter, TreeReading } from '../../../agent/bench/process-tree.ts';
import { type SamplerOptions, UseSampler } from '../../../agent/bench/sampler.ts';
import type { BenchGroup, GroupReading } from '../../../agent/cgroup/bench-group.ts';
import type { BenchLimits } from '../../../mesh/bench/order.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const MIB = 2 ** 20;

/** A group and a device that say what the test wants, as functions of time. */
function sampled(reading: (ms: number) => GroupReading, changes: Partial<SamplerOptions> = {}) {
  const clock = new ManualClock();
  clock.advance(5_000);
  const since = (): number => clock.now() - 5_000;
  const tree: TreeReading = { residentBytes: 30 * MIB, highWaterBytes: 40 * MIB, cpuMs: 7, majorFaults: 2 };
  const sampler = new UseSampler({
    group: { read: () => reading(since()), limits: { memoryLimitBytes: 100 * MIB } as BenchLimits } as BenchGroup,
    tree: { read: () => tree } as unknown as TreeMeter,
    processes: () => [1],
    network: () => ({ receivedBytes: since() * 10, sentBytes: since() }),
    energy: () => undefined,
    idleW: undefined,
    clock,
    ...changes,
  });
  return { sampler, clock };
}

test('counters are what was added since the start, levels the highest that was seen, the peak is the kernel’s', (t) => {
  const { sampler, clock } = sampled((ms) => ({
    cpuMs: 100 + ms / 2,
    majorFaults: 3,
    throttledMs: ms / 4,
    unreclaimableBytes: ms === 300 ? 90 * MIB : 50 * MIB,
    totalBytes: 95 * MIB,
    peakMemoryBytes: 96 * MIB,
    swapBytes: 0,
    oomKills: 0,
  }));
  sampler.start();
  clock.advance(1000);
  const use = sampler.stop();
  t.like(use, { wallMs: 1000, cpuMs: 500, throttledMs: 250, majorFaults: 0, peakUnreclaimableBytes: 90 * MIB, peakMemoryBytes: 96 * MIB });
  t.like(use, { treeHighWaterBytes: 40 * MIB, receivedBytes: 10_000, sentBytes: 1000, peakSwapBytes: 0, oomKills: 0 });
  t.is(use.energyJ, undefined);
  t.is(use.cpuUserMs, undefined);
});

test('ten samples a second, from the start of the run', (t) => {
  const { sampler, clock } = sampled(() => ({ oomKills: 0 }));
  sampler.start();
  clock.advance(2000);
  sampler.stop();
  t.true(sampler.series.length >= 20);
  t.deepEqual(
    sampler.series.slice(0, 3).map(({ atMs }) => atMs),
    [100, 200, 300],
  );
  clock.advance(1000);
  t.true(sampler.series.length <= 22, 'none after the end');
});

test('without a control group the processes are asked; what only a group knows is not said', (t) => {
  const { sampler, clock } = sampled(() => ({ oomKills: 0 }), { group: undefined });
  sampler.start();
  clock.advance(500);
  const use = sampler.stop();
  t.like(use, { cpuMs: 0, majorFaults: 0, treeHighWaterBytes: 40 * MIB });
  for (const name of ['peakMemoryBytes', 'peakUnreclaimableBytes', 'oomKills', 'throttledMs', 'peakSwapBytes'] as const)
    t.is(use[name], undefined, name);
  t.is(sampler.series[0]!.memoryBytes, 30 * MIB);
});

test('energy above idle is what the run took beyond the power before it', (t) => {
  const { sampler, clock } = sampled(() => ({ oomKills: 0 }), { idleW: 3, energy: (ms) => (ms * 5) / 1000 });
  sampler.start();
  clock.advance(2000);
  t.like(sampler.stop(), { energyJ: 10, idleW: 3, energyAboveIdleJ: 4 });
});

test('of the last two seconds it says what a run that thrashes is known by', (t) => {
  const { sampler, clock } = sampled((ms) => ({
    oomKills: 0,
    totalBytes: 98 * MIB,
    cpuUserMs: ms < 3000 ? ms : 3000 + (ms - 3000) / 10,
    majorFaults: Math.max(0, ms - 3000),
    memoryStalledFullMs: Math.max(0, ms - 3500),
  }));
  sampler.start();
  clock.advance(5000);
  const { memoryShare, memoryStall, majorFaultsPerS, userShare } = sampler.recent();
  t.is(memoryShare, 0.98);
  t.true(Math.abs(memoryStall! - 0.75) < 0.02);
  t.true(Math.abs(majorFaultsPerS - 1000) < 1);
  t.true(Math.abs(userShare! - 0.1) < 0.001, 'of one core, however many the device has');
  sampler.stop();
});

test('time begins when the program does, and ends with it', (t) => {
  const clock = new ManualClock();
  clock.advance(5_000);
  const slow = () => {
    clock.advance(3);
    return { receivedBytes: 0, sentBytes: 0 };
  };
  const { sampler } = sampled(() => ({ oomKills: 0 }), { clock, network: slow });
  t.is(sampler.elapsedMs, 0, 'what it says before is not late by the uptime of the agent');
  sampler.start();
  clock.advance(1000);
  t.is(sampler.stop().wallMs, 1000, 'without the time that looking takes');
  clock.advance(500);
  t.is(sampler.elapsedMs, 1000);
});
