import test from 'ava';
import { runText } from '../../../controller/report/run-text.ts';
import { violations } from './json-schema.ts';
import { facts, reportOf, schema } from './run-facts.ts';

test('what happened on the way: the plans that followed each other, why, and frames that were given up', (t) => {
  const { plan } = facts;
  const moved = { ...plan, epoch: 2n, stages: plan.stages.map((stage) => (stage.id === 'stage2' ? { ...stage, device: 'pi3' } : stage)) };
  const epochs = [
    { plan, first: 0n, replayed: 0, why: 'the run begins', recoveryMs: undefined },
    { plan: moved, first: 7n, replayed: 3, why: 'no answer', recoveryMs: 640 },
  ];
  t.deepEqual(reportOf({ ...facts, epochs: epochs.slice(0, 1) }).changes, undefined);
  const uses = [1n, 2n].map((epoch) => ({
    key: { run: 'r1', stage: 'stage1', epoch },
    frames: 5,
    cpuMs: 20,
    peakMemoryBytes: 1000,
    measureBatches: 1,
  }));
  const report = reportOf({ ...facts, plan: moved, epochs, uses, failed: [{ frame: 4n, cause: 'out of memory' }] });
  t.deepEqual(violations(report, schema), []);
  const moves = [{ stage: 'stage2', from: 'pi2', to: 'pi3' }];
  t.deepEqual(report.changes, [{ epoch: 2, frame: 7, why: 'no answer', moves, replayed: 3, recoveryMs: 640 }]);
  t.like(report.stages[0], { frames: 10, cpuMs: 40, peakMemoryBytes: 1000 });
  const text = runText(report, 80);
  t.regex(text, /^changes {6}from frame 7: stage2 moves from pi2 to pi3; frames came again after 0\.64 s, 3 for the second time$/m);
  t.regex(text, /^ {15}because no answer$/m);
  t.regex(text, /^given up {5}frame 4, on which its stage failed again and again: out of memory$/m);
});
