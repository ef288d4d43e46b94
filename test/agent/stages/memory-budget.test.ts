import test from 'ava';
import { MemoryBudget } from '../../../agent/stages/memory-budget.ts';
import type { StageOrder } from '../../../agent/stages/stage-order.ts';
import { MeshError } from '../../../mesh/error.ts';

const MiB = 2 ** 20;

const order = (run: string, modelMiB: number, changes: Partial<StageOrder> = {}): StageOrder => ({
  key: { run, stage: 'stage2', epoch: 1n },
  model: { sha256: new Uint8Array(32), bytes: modelMiB * MiB },
  externalData: new Map(),
  inputs: [],
  outputs: [],
  session: { intraOpThreads: 0, spinning: false, graphOptimization: 'all' },
  weight: 100,
  warmupRuns: 0,
  leaseMs: 1000,
  windowFrames: 1,
  windowBytes: 0,
  fresh: false,
  routes: [],
  ...changes,
});

test('stages are admitted up to the last byte, and what is given back counts once', (t) => {
  const budget = new MemoryBudget('pb', 200 * MiB);
  const giveBack = budget.reserve(order('q', 36));
  budget.reserve(order('r', 36));
  t.is(budget.reservedBytes, 200 * MiB);
  t.throws(() => budget.reserve(order('s', 0)), { instanceOf: MeshError });
  giveBack();
  giveBack();
  t.is(budget.reservedBytes, 100 * MiB);
  t.throws(() => budget.reserve(order('s', 37)), { instanceOf: MeshError });
  budget.reserve(order('s', 36));
});

test('a limit of its own counts instead of what the stage would need', (t) => {
  const budget = new MemoryBudget('pb', 100 * MiB);
  budget.reserve(order('q', 500, { memoryLimitBytes: 60 * MiB }));
  t.is(budget.reservedBytes, 60 * MiB);
  const error = t.throws(() => budget.reserve(order('q', 1, { memoryLimitBytes: 41 * MiB })), { instanceOf: MeshError });
  t.regex(error?.message ?? '', /needs 41 MiB \(its own limit\); pb has 40 MiB of 100 MiB left \(stages of run q hold 60 MiB\)/);
});

test('a refusal names every run that holds memory, each once', (t) => {
  const budget = new MemoryBudget('pb', 300 * MiB);
  for (const run of ['q', 'q', 'p']) budget.reserve(order(run, 6));
  const error = t.throws(() => budget.reserve(order('r', 100)), { instanceOf: MeshError });
  t.is(
    error?.message,
    'stage2 of run r needs 164 MiB (weights 100 MiB, process 64 MiB, window 0 bytes); ' +
      'pb has 90 MiB of 300 MiB left (stages of run q hold 140 MiB, stages of run p hold 70 MiB)',
  );
});
