import test from 'ava';
import { type LearningRateSchedule, learningRateAt } from '../../../mesh/training/learning-rate.ts';

for (const [schedule, expected] of [
  [{ kind: 'fix' }, [8, 8, 8, 8, 8]],
  [{ kind: 'exp', gamma: 0.5 }, [8, 4, 2, 1, 0.5]],
  [{ kind: 'step', gamma: 0.5, steps: [1, 3] }, [8, 4, 4, 2, 2]],
  [{ kind: 'stepLR', gamma: 0.5, every: 2 }, [8, 8, 4, 4, 2]],
] as const satisfies readonly (readonly [LearningRateSchedule, readonly number[]])[]) {
  test(`the learning rate under ${schedule.kind}`, (t) => {
    t.deepEqual(
      expected.map((_, epoch) => learningRateAt(8, schedule, epoch)),
      [...expected],
    );
  });
}
