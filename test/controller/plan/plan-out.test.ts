import test from 'ava';
import fc from 'fast-check';
import { planModel } from '../../../controller/plan/plan-model.ts';
import { inTurns, placedStages, planFileText, wholeShares as wholeSharesWithin } from '../../../controller/plan/plan-out.ts';
import { parsePlanFile } from '../../../controller/run/plan-file.ts';
import { turnsOfShares } from '../../../partition/share-turns.ts';
import { planDevice, planFleet, wish, zooLayers } from './models.ts';

const TURNS_MAX = 64;
const wholeShares = (exact: readonly number[]): readonly number[] => wholeSharesWithin(exact, 1024);
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
/** How many times as long the most overloaded device works as with the exact shares. */
const overload = (exact: readonly number[], whole: readonly number[]): number =>
  Math.max(...whole.map((each, index) => each / sumOf(whole) / exact[index]!));

/** 1 together, some much larger than others. */
const exactShares = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
  .map((speeds) => speeds.map((speed) => speed / sumOf(speeds)));

test('shares become whole numbers from 1 on, all equal or a power of two together', (t) => {
  fc.assert(
    fc.property(exactShares, (exact) => {
      const whole = wholeShares(exact);
      const sum = sumOf(whole);
      if (whole.length !== exact.length || whole.some((each) => !Number.isInteger(each) || each < 1)) return false;
      if (sum > TURNS_MAX) return false;
      turnsOfShares(whole);
      return whole.every((each) => each === 1) || Number.isInteger(Math.log2(sum));
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('no device works much longer than with the exact shares, and no other 64 turns are better', (t) => {
  const two = fc.double({ min: 0.02, max: 0.98, noNaN: true }).map((share) => [share, 1 - share]);
  fc.assert(
    fc.property(two, (exact) => {
      const least = Math.min(...Array.from({ length: TURNS_MAX - 1 }, (_, turn) => overload(exact, [turn + 1, TURNS_MAX - 1 - turn])));
      const found = overload(exact, wholeShares(exact));
      // With at least one turn in 64 a device of a smaller share has to do more than its part.
      if (Math.min(...exact) >= 1 / TURNS_MAX && found > 1.035) throw new Error(`${wholeShares(exact).join(':')} is ${found} of ${exact}`);
      return found <= least * (1 + 1e-9) || found <= overload(exact, [1, 1]);
    }),
    { numRuns: 1000 },
  );
  // The nearest of 32, 2:30, would have the slow one work a fifth longer.
  t.deepEqual(wholeSharesWithin([0.053, 0.947], 32), [1, 31]);
  t.deepEqual(wholeShares([0.053, 0.947]), [3, 61]);
});

test('equal shares, and those of few turns, stay as simple as they are', (t) => {
  t.deepEqual(wholeShares([1]), [1]);
  t.deepEqual(wholeShares([1 / 3, 1 / 3, 1 / 3]), [1, 1, 1]);
  t.deepEqual(wholeShares([0.25, 0.75]), [1, 3]);
  t.deepEqual(wholeShares([0.5, 0.125, 0.375]), [4, 1, 3]);
  // One device has nearly all: the others have at least one turn each.
  t.deepEqual(wholeShares([0.98, 0.01, 0.01]), [62, 1, 1]);
});

for (const [name, devices] of [
  ['lenet', [1, 1]],
  ['resnet18', [1, 2.7, 1.3]],
  ['googlenet', [1, 1, 3, 3]],
  ['unet', [2, 3.3, 0.7]],
] as const) {
  test(`${name}: the plan file is one that controller run reads, with the same stages`, (t) => {
    const layered = zooLayers(name);
    const fleet = planFleet(
      devices.map((speed, index) => planDevice(`d${index}`, { rates: { gmacPerS: speed, memoryGBPerS: speed, layerMs: 0.01 } })),
    );
    const names = fleet.devices.map((device) => device.name);
    for (const replicate of [false, true]) {
      const { plans, costs } = planModel({ name, layered }, fleet, wish({ replicate, top: 3 }));
      t.true(plans.length > 0);
      for (const { plan } of plans) {
        const stages = placedStages(plan, costs.lattice, names);
        t.deepEqual(
          stages.flatMap(({ layers }) => layers).sort((a, b) => a - b),
          layered.layers.map(({ number }) => number),
        );
        const parsed = parsePlanFile(planFileText(stages), 'plan.json', layered.layers.length);
        t.deepEqual(
          parsed.map(({ id, layers, device, replicas }) => ({
            id,
            layers,
            devices: replicas?.devices ?? [device!],
            shares: replicas?.shares ?? [1],
          })),
          stages.map((stage) => ({ ...stage })),
        );
        for (const [index, { group }] of inTurns(plan).entries()) {
          const { shares } = stages[index]!;
          t.deepEqual(
            group.shares,
            shares.map((share) => share / sumOf(shares)),
          );
        }
      }
    }
  });
}
