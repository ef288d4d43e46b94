/** A kernel that ends with an activation is told by the name of what it makes. */
import test from 'ava';
import { activationsOf, withActivations } from '../../../controller/profile/fused-activation.ts';
import { kernelWork } from '../../../controller/profiler/kernels/work.ts';
import type { Kernel } from '../../../mesh/kernel.ts';
import { zooLayers } from '../plan/models.ts';

const kernel = (operator: string, name: string): Kernel => ({ name, operator, inputs: [], outputs: ['float32[1, 8, 4, 4]'] });

test('of mobilenetv2, convolutions that end with Clip have it in their operator', (t) => {
  const activations = activationsOf(zooLayers('mobilenetv2').graph);
  const told = withActivations(
    [
      kernel('nchwc.Conv', 'features.0.relu6.out_nchwc'),
      kernel('nchwc.Conv', 'features.1.project.bn.out_nchwc'),
      kernel('Clip', 'features.0.relu6'),
    ],
    activations,
  );
  t.deepEqual(
    told.map(({ operator }) => operator),
    ['nchwc.Conv+Clip', 'nchwc.Conv', 'Clip'],
  );
  t.is(kernelWork(told[0]!).activation, 'arithmetic');
  t.is(kernelWork(told[1]!).activation, 'none');
  t.is(kernelWork(told[0]!).group, kernelWork(told[1]!).group);
});

test('a fused product has it, too; a rectifier costs nothing and is not told', (t) => {
  const operators = (model: string, ...kernels: readonly Kernel[]): string[] =>
    withActivations(kernels, activationsOf(zooLayers(model).graph)).map(({ operator }) => operator);
  t.deepEqual(operators('lenet', kernel('nchwc.Conv', 'c1.tanh.out_nchwc'), kernel('FusedGemm', 'fused c5'), kernel('Gemm', 'output')), [
    'nchwc.Conv+Tanh',
    'FusedGemm+Tanh',
    'Gemm',
  ]);
  t.deepEqual(operators('resnet18', kernel('nchwc.Conv', 'relu.out_nchwc')), ['nchwc.Conv']);
});

test('operators of strangers are none', (t) => {
  t.is(kernelWork(kernel('Conv+Nothing', 'x')).activation, 'none');
  t.is(kernelWork(kernel('Sigmoid', 'x')).activation, 'none');
});
