/** What is told of a run's devices while one of them slows down. */
import test from 'ava';
import { PlanWatch } from '../../../controller/run/plan-watch.ts';
import type { StageMeasurement } from '../../../mesh/measurement.ts';
import type { Plan, Stage } from '../../../partition/plan.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const USUAL_MS = 50;
const plan = { stages: [{ id: 'stage1', device: 'a' } as Stage, { id: 'stage2', device: 'b' } as Stage], routes: [] } as unknown as Plan;

function rowOf(stage: string, device: string, ms: number, frame: number): StageMeasurement {
  return { stage, device, frame: BigInt(frame), queueUs: 0, decodeUs: 0, computeUs: 1000 * ms, encodeUs: 0 };
}

test('a device that takes three times as long is never said to have been faster before', (t) => {
  const clock = new ManualClock();
  const watch = new PlanWatch({ clock, candidate: () => undefined, plan: () => plan, remaining: () => 1e6, demandMs: undefined });
  let slow: number | undefined;
  for (let frame = 0; frame < 1000; frame += 1) {
    const ms = frame < 500 ? USUAL_MS : 3 * USUAL_MS;
    watch.add([rowOf('stage1', 'a', USUAL_MS, frame), rowOf('stage2', 'b', ms, frame)]);
    const { computeMs, slowness } = watch.measured();
    const usual = computeMs.get('stage2')! / slowness.get('b')!;
    t.true(usual >= USUAL_MS - 1e-9 && usual <= 2 * USUAL_MS, `frame ${frame}: ${computeMs.get('stage2')} ÷ ${slowness.get('b')}`);
    if (slowness.get('b')! > 1) slow ??= frame;
    t.is(slowness.get('a'), 1);
    t.is(computeMs.get('stage1'), USUAL_MS);
  }
  t.true(slow! < 540, `${slow}`);
  t.is(watch.measured().computeMs.get('stage2'), 3 * USUAL_MS);
  watch.close();
});

test('a stage that has computed nothing where it is now is not told of', (t) => {
  const clock = new ManualClock();
  const watch = new PlanWatch({ clock, candidate: () => undefined, plan: () => plan, remaining: () => 1e6, demandMs: undefined });
  watch.add([rowOf('stage1', 'a', 7, 0), rowOf('stage2', 'elsewhere', 9, 0)]);
  t.deepEqual([...watch.measured().computeMs], [['stage1', 7]]);
  watch.close();
});
