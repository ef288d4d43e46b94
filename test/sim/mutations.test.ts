/**
 * Do the checks bite? Each test breaks one mechanism that the promise rests on, where its class is defined, and expects the simulation to find it.
 */
import test from 'ava';
import { EndFlag } from '../../agent/stage/end-flag.ts';
import { EpochFence } from '../../agent/stages/epoch-fence.ts';
import { Leases } from '../../agent/stages/leases.ts';
import { MemoryBudget } from '../../agent/stages/memory-budget.ts';
import { Quarantine } from '../../controller/recovery/quarantine.ts';
import { Commits } from '../../controller/run/commits.ts';
import { Epochs } from '../../controller/run/epochs.ts';
import { FailureWatch } from '../../controller/run/failure-watch.ts';
import { Ledger } from '../../controller/run/ledger.ts';
import { PlanWatch } from '../../controller/run/plan-watch.ts';
import { Sink } from '../../controller/run/sink.ts';
import { Source } from '../../controller/run/source.ts';
import { BufferPool } from '../../mesh/buffer-pool.ts';
import { InOrder } from '../../mesh/link/in-order.ts';
import type { Property } from './property.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { simulate } from './simulate.ts';

const SEEDS = 300;

/** Replaces a member of a class until the returned function is called. */
function replace<T extends object>(prototype: T, member: keyof T & string, replacement: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, member)!;
  Object.defineProperty(prototype, member, { ...before, ...replacement });
  return () => Object.defineProperty(prototype, member, before);
}

interface Mutation {
  readonly what: string;
  /** Any of these must be found violated. */
  readonly found: readonly Property[];
  /** Breaks it; returns what mends it. */
  readonly break: () => () => void;
  /** What is run with a seed, when it takes a rare coincidence. */
  readonly scenario?: (seed: number) => Scenario;
}

/** Stages are loaded over a slow network while a full device refuses its own: the others are retired, and some orders to load them come later still. */
function refusedInAStorm(seed: number): Scenario {
  const scenario = scenarioOf(seed);
  const host = scenario.runs[0]!.plan.stages.at(-1)!.device;
  const calmMs = 8_000;
  return {
    ...scenario,
    ...{ runs: [{ ...scenario.runs[0]!, rateFps: 10, startMs: 0 }], memoryBytes: undefined, calmMs },
    faults: [
      { kind: 'storm', factor: 60, forMs: 7_000, atMs: 500 },
      { kind: 'disk-full', host, forMs: 5_000, atMs: 900 },
      { kind: 'kill', host, what: 'stage', atMs: 1_000 },
    ],
  };
}

const mutations: readonly Mutation[] = [
  {
    what: 'a sink that takes a known frame for a new one',
    found: ['exactly once'],
    break: () => {
      const { commit } = Commits.prototype;
      const forgetful = replace(Commits.prototype, 'commit', {
        value: function (this: Commits<unknown>, id: bigint, frame: unknown) {
          return commit.call(this, id, frame) ?? [{ id, frame }];
        },
      });
      // The source knows what is committed in its own process, and sends nothing twice; of a sink elsewhere it knows what is acknowledged.
      const distant = replace(Sink.prototype, 'next', {
        get(this: Sink) {
          return this.safe;
        },
      });
      return () => {
        forgetful();
        distant();
      };
    },
  },
  {
    what: 'inboxes that hand frames on as they come',
    found: ['in order', 'the run ends', 'right bytes', 'exactly once'],
    break: () => replace(InOrder.prototype, 'add', { value: (_id: bigint, frame: unknown) => [frame] }),
  },
  {
    what: 'a source that does not send again what is not acknowledged',
    found: ['the run ends', 'exactly once'],
    break: () =>
      replace(Source.prototype, 'replay', {
        value: function (this: Source, way: Parameters<Source['replay']>[0]) {
          this.follow(way);
        },
      }),
  },
  {
    what: 'stages that go on computing for an epoch that is retired',
    found: ['fencing'],
    break: () => replace(EndFlag.prototype, 'set', { value: () => {} }),
  },
  {
    what: 'a ledger that is never full',
    found: ['bounded memory'],
    break: () => replace(Ledger.prototype, 'full', { get: () => false }),
  },
  {
    what: 'buffers that are given out twice',
    found: ['right bytes'],
    break: () => {
      const { take } = BufferPool.prototype;
      return replace(BufferPool.prototype, 'take', {
        value: function (this: BufferPool, bytes: number) {
          const buffer = take.call(this, bytes);
          this.give(buffer);
          return buffer;
        },
      });
    },
  },
  {
    what: 'losses that nobody is told of',
    found: ['the run ends'],
    break: () => replace(FailureWatch.prototype, 'report', { value: () => {} }),
  },
  {
    what: 'leases that never end',
    found: ['nothing remains'],
    break: () => replace(Leases.prototype, 'expired', { value: () => [] }),
  },
  {
    what: 'a source that begins again with frame 0 after a loss',
    found: ['computed twice'],
    break: () => {
      const kept = new WeakMap<Ledger<unknown>, Map<bigint, unknown>>();
      const { admit, get } = Ledger.prototype;
      const mended = [
        replace(Sink.prototype, 'next', { get: () => 0n }),
        replace(Ledger.prototype, 'admit', {
          value: function (this: Ledger<unknown>, frame: unknown) {
            const id = admit.call(this, frame);
            kept.set(this, (kept.get(this) ?? new Map<bigint, unknown>()).set(id, frame));
            return id;
          },
        }),
        replace(Ledger.prototype, 'get', {
          value: function (this: Ledger<unknown>, id: bigint) {
            return get.call(this, id) ?? kept.get(this)?.get(id);
          },
        }),
      ];
      return () => {
        for (const mend of mended) mend();
      };
    },
  },
  {
    what: 'frames that are never given up, however often they kill their stage',
    found: ['the run ends', 'restarts'],
    break: () => replace(Quarantine.prototype, 'crashed', { value: () => undefined }),
  },
  {
    what: 'frames that are given up at the first crash',
    found: ['exactly once'],
    break: () =>
      replace(Quarantine.prototype, 'crashed', {
        value: (oldest: bigint, newest: bigint, cause: string) => (newest < oldest ? undefined : { frame: oldest, cause }),
      }),
  },
  {
    what: 'devices that take every stage, whether or not it fits',
    found: ['bounded memory'],
    break: () => replace(MemoryBudget.prototype, 'reserve', { value: () => () => {} }),
  },
  {
    what: 'agents that load an epoch which they have retired',
    found: ['fencing'],
    break: () => replace(EpochFence.prototype, 'retire', { value: () => {} }),
    scenario: refusedInAStorm,
  },
  {
    what: 'runs that stay on a device that is drained',
    found: ['drain'],
    break: () => replace(PlanWatch.prototype, 'leave', { value: () => {} }),
  },
  {
    what: 'spare devices that get no weights',
    found: ['spares'],
    break: () => replace(Epochs.prototype, 'warm', { value: async () => {} }),
  },
];

for (const mutation of mutations) {
  test.serial(`the simulation finds ${mutation.what}`, async (t) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const mend = mutation.break();
      const scenario = (mutation.scenario ?? scenarioOf)(seed);
      const broken = await simulate(scenario).finally(mend);
      const hit = broken.violations.find(({ property }) => mutation.found.includes(property));
      // What is found without the mutation, too, says nothing about it.
      if (hit === undefined || (await simulate(scenario)).violations.length > 0) continue;
      t.log(`seed ${seed}: ${hit.property}: ${hit.what}`);
      t.pass();
      return;
    }
    t.fail(`${SEEDS} seeds found nothing`);
  });
}
