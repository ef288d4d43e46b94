import test from 'ava';
import { kernelDifference, kernelsOfSplit } from '../../../controller/run/kernel-difference.ts';
import type { Kernel } from '../../../mesh/kernel.ts';
import { replicate } from '../../../partition/replicate.ts';
import { plainPlan } from '../../partition/support/random-plan.ts';

function kernel(operator: string, inputs = 'float32[1, 8]', name = operator): Kernel {
  return { name, operator, inputs: [inputs], outputs: ['float32[1, 8]'] };
}

const conv = kernel('Conv');
const relu = kernel('Relu');

test('the same kernels under other names, spread over stages, are the same', (t) => {
  const found = kernelDifference([conv, relu, conv], [[conv, kernel('Relu', 'float32[1, 8]', 'another name')], [conv]]);
  t.deepEqual(found, { onlyWhole: [], onlySplit: [] });
});

test('what was fused in the whole model and not across a cut is named on both sides', (t) => {
  const fused = kernel('FusedConv');
  t.deepEqual(kernelDifference([conv, fused], [[conv], [conv, relu]]), { onlyWhole: [fused], onlySplit: [conv, relu] });
});

test('kernels of other sizes are others', (t) => {
  const wider = kernel('Conv', 'float32[1, 16]');
  t.deepEqual(kernelDifference([conv], [[wider]]), { onlyWhole: [conv], onlySplit: [wider] });
});

test('each kernel counts as often as it is there', (t) => {
  t.deepEqual(kernelDifference([conv, conv], [[conv]]), { onlyWhole: [conv], onlySplit: [] });
});

test('rearranging bytes changes nothing', (t) => {
  t.deepEqual(kernelDifference([conv], [[kernel('ReorderInput'), conv, kernel('ReorderOutput')]]), { onlyWhole: [], onlySplit: [] });
});

test('nothing is said when a runtime did not tell', (t) => {
  t.is(kernelDifference([], [[conv]]), undefined);
  t.is(kernelDifference([conv], [[conv], []]), undefined);
});

test('replicas are one stage, which runs what any of them does', (t) => {
  const plan = replicate(
    plainPlan({
      stages: [
        { reads: [], shares: [1] },
        { reads: [1], shares: [1] },
      ],
    }),
    's0',
    { devices: ['x', 'y'] },
  );
  const runs: Record<string, Kernel[]> = { 's0-1': [conv, conv], 's0-2': [conv, relu], s1: [conv] };
  t.deepEqual(
    kernelsOfSplit(plan, (stage) => runs[stage]!),
    [[conv, conv, relu], [conv]],
  );
  t.deepEqual(
    kernelsOfSplit(plan, (stage) => (stage === 's0-2' ? [] : runs[stage]!)),
    [[], [conv]],
    'one that would not tell',
  );
});
