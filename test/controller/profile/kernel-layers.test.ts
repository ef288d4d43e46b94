/** Kernels, named as a runtime names them, find the layers they stand for. */
import test from 'ava';
import { layersOfKernels } from '../../../controller/profile/kernel-layers.ts';
import type { Kernel } from '../../../mesh/kernel.ts';
import { zooLayers } from '../plan/models.ts';

const named = (...names: readonly string[]): Kernel[] => names.map((name) => ({ name, operator: 'Conv', inputs: [], outputs: [] }));

test('kernels of lenet belong to its seven layers, what only moves bytes to the kernel before it', (t) => {
  const kernels = named(
    ...['c1.tanh.out_nchwc', 'ReorderOutput', 's2', 'c3.tanh.out_nchwc', 's4.out_nchwc', 'ReorderOutput_token_5', 'flatten'],
    ...['fused c5', 'fused f6', 'output'],
  );
  const layered = zooLayers('lenet');
  const flatten = layered.layerOf[layered.graph.nodes.find(({ name }) => name === 'flatten')!.index]!;
  t.deepEqual(layersOfKernels(layered, kernels), [1, 1, 2, 3, 4, 4, flatten, 5, 6, 7]);
});

test('what moves bytes before the first kernel belongs to that', (t) => {
  t.deepEqual(layersOfKernels(zooLayers('lenet'), named('ReorderInput', 'gemm_input_reshape_token_3', 'c3.tanh.out_nchwc')), [3, 3, 3]);
});

test('a kernel that fusions made has the name of a node with something behind a slash', (t) => {
  const layered = zooLayers('vit-tiny');
  const { name } = layered.graph.nodes.find(({ name }) => name.includes('blocks.0.attn.qkv'))!;
  const layer = layered.layerOf[layered.graph.nodes.find((node) => node.name === name)!.index]!;
  t.true(layer > 0);
  t.deepEqual(layersOfKernels(layered, named(`${name}/MatMulAddFusion`, `${name}/MatMulAddFusion/`, `${name}_token_1`)), [
    layer,
    layer,
    layer,
  ]);
});

test('a name is not mistaken for another that begins with it', (t) => {
  const layered = zooLayers('lenet');
  t.deepEqual(layersOfKernels(layered, named('c5', 'c1x', 'c1_x')), [5, 5, 1]);
});

test('without any name that is known all belongs to the first layer', (t) => {
  t.deepEqual(layersOfKernels(zooLayers('lenet'), named('a', 'b_c', '')), [1, 1, 1]);
  t.deepEqual(layersOfKernels(zooLayers('lenet'), []), []);
});
