/**
 * Do the checks bite? Each test breaks one mechanism that the promise rests on, where its class is defined, and expects the simulation to find it.
 */
import test from 'ava';
import { EndFlag } from '../../agent/stage/end-flag.ts';
import { Leases } from '../../agent/stages/leases.ts';
import { Commits } from '../../controller/run/commits.ts';
import { FailureWatch } from '../../controller/run/failure-watch.ts';
import { Ledger } from '../../controller/run/ledger.ts';
import { Sink } from '../../controller/run/sink.ts';
import { Source } from '../../controller/run/source.ts';
import { BufferPool } from '../../mesh/buffer-pool.ts';
import { InOrder } from '../../mesh/link/in-order.ts';
import type { Property } from './checks.ts';
import { scenarioOf } from './scenario.ts';
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
];

for (const mutation of mutations) {
  test.serial(`the simulation finds ${mutation.what}`, async (t) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const mend = mutation.break();
      const broken = await simulate(scenarioOf(seed)).finally(mend);
      const hit = broken.violations.find(({ property }) => mutation.found.includes(property));
      // What is found without the mutation, too, says nothing about it.
      if (hit === undefined || (await simulate(scenarioOf(seed))).violations.length > 0) continue;
      t.log(`seed ${seed}: ${hit.property}: ${hit.what}`);
      t.pass();
      return;
    }
    t.fail(`${SEEDS} seeds found nothing`);
  });
}
