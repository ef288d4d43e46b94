/** Timings as they are ordered and told, and load beside them. */
import fc from 'fast-check';
import type { TimedItem } from '../../../mesh/timing/figures.ts';
import type { TimingItem, TimingWorkload } from '../../../mesh/timing/workload.ts';
import { blob, blobs, count, finite, name, session, size, text } from './basic-arbitraries.ts';

const item = fc.record(
  {
    ...{ model: blob, externalData: blobs, feeds: blob, outputs: fc.constant(['y']) },
    inputs: fc.constant([{ name: 'x', dtype: 'float32' as const, dims: [1, 3] }]),
  },
  { requiredKeys: ['model', 'externalData', 'inputs', 'outputs'] },
) as fc.Arbitrary<TimingItem>;

export const timing: fc.Arbitrary<TimingWorkload> = fc.record(
  {
    kind: fc.constant('timing' as const),
    items: fc.array(item, { minLength: 1, maxLength: 3 }),
    session,
    warmUpMs: fc.integer({ min: 0, max: 1000 }),
    batches: fc.integer({ min: 1, max: 9 }),
    batchMs: fc.integer({ min: 0, max: 1000 }),
    kernelRuns: fc.integer({ min: 0, max: 9 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    speedProbe: item,
  },
  { requiredKeys: ['kind', 'items', 'session', 'warmUpMs', 'batches', 'batchMs', 'kernelRuns', 'seed'] },
) as fc.Arbitrary<TimingWorkload>;

export const backgroundLoad = fc.record({ cores: fc.integer({ min: 1, max: 64 }), duty: fc.constantFrom(0.1, 0.5, 1) });

const kernel = fc.record({ name, operator: name, inputs: fc.array(text), outputs: fc.array(text), us: finite });

const probed = fc.double({ min: 0.001, max: 1000, noNaN: true });
/** As many as there are batches. */
const batchesAndSpeed = fc.array(fc.tuple(finite, probed), { minLength: 1 }).chain((both) =>
  fc.record(
    {
      batches: fc.constant(both.map(([ms]) => ms)),
      speed: fc.record({ kernelsMs: probed, batchesMs: fc.constant(both.map(([, ms]) => ms)) }, { requiredKeys: ['batchesMs'] }),
    },
    { requiredKeys: ['batches'] },
  ),
);

export const timed: fc.Arbitrary<TimedItem> = fc.record({
  index: count,
  atMs: finite,
  result: fc.oneof(
    fc.record({ kind: fc.constant('failed' as const), why: text }),
    fc
      .tuple(
        fc.record(
          {
            ...{ kind: fc.constant('times' as const), sessionMs: finite, count },
            ...{ medianMs: finite, p90Ms: finite, minMs: finite, kernels: fc.array(kernel), readBytes: size, writtenBytes: size },
          },
          { requiredKeys: ['kind', 'sessionMs', 'count', 'medianMs', 'p90Ms', 'minMs', 'kernels'] },
        ),
        batchesAndSpeed,
      )
      .map(([times, both]) => ({ ...times, ...both })),
  ) as fc.Arbitrary<TimedItem['result']>,
});
