import test from 'ava';
import type { Planned } from '../../../controller/run/planned.ts';
import { Recovery } from '../../../controller/run/recovery.ts';
import { clockOf } from '../../../mesh/clock.ts';
import { type ErrorCode, MeshError } from '../../../mesh/error.ts';
import { firstEpoch } from '../../../mesh/run-order.ts';
import type { Plan } from '../../../partition/plan.ts';
import { NOTHING_MEASURED } from '../../helpers/nothing-measured.ts';

const planOf = (epoch: bigint): Plan => ({
  epoch,
  stages: [{ id: 's', device: 'pb', layers: '1', inputs: [], outputs: [] }],
  routes: [],
});

/** What a plan is replaced with that `pb` has refused; and the devices that were not to be used for that. */
async function refused(code: ErrorCode, { first, tried }: { readonly first: bigint; readonly tried: bigint }) {
  const asked: string[][] = [];
  const plannedAt = (epoch: bigint): Planned => ({ plan: planOf(epoch), models: new Map() });
  const place = {
    clock: clockOf(() => 0),
    replanner: {
      replan: async ({ epoch, without }: { readonly epoch: bigint; readonly without: ReadonlySet<string> }) => {
        asked.push([...without]);
        return plannedAt(epoch);
      },
      improve: () => undefined,
    },
  };
  const recovery = new Recovery({ model: 'm', plan: planOf(first), spares: [] }, place, new AbortController().signal);
  const planned = plannedAt(tried);
  const instead = await recovery.instead({ plan: planned.plan, planned, refusedBy: 'pb' }, new MeshError(code, 'no'), NOTHING_MEASURED);
  return { epoch: instead.plan.epoch, asked };
}

const isFull: readonly ErrorCode[] = ['exhausted', 'conflict', 'denied'];

for (const code of isFull) {
  test(`a device that refuses a stage as ${code} is an error where a person has chosen it, later it is done without`, async (t) => {
    t.is((await t.throwsAsync(refused(code, { first: 1n, tried: 1n }), { instanceOf: MeshError }))?.code, code);
    t.deepEqual(await refused(code, { first: 1n, tried: 4n }), { epoch: 2n, asked: [['pb']] });
    t.deepEqual(await refused(code, { first: firstEpoch(2), tried: firstEpoch(2) }), { epoch: firstEpoch(2) + 1n, asked: [['pb']] });
  });
}

test('a model that a device can not run is no reason to try another one, whoever chose it', async (t) => {
  const error = { instanceOf: MeshError, code: 'unsupported' };
  await t.throwsAsync(refused('unsupported', { first: 1n, tried: 4n }), error);
  await t.throwsAsync(refused('unsupported', { first: firstEpoch(2), tried: firstEpoch(2) }), error);
});

test('a device that does not answer is done without from the beginning', async (t) => {
  t.deepEqual(await refused('unreachable', { first: 1n, tried: 1n }), { epoch: 2n, asked: [['pb']] });
});
