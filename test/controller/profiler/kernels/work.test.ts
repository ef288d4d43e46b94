/** Work of kernels, written as a runtime reports them. */
import test from 'ava';
import fc from 'fast-check';
import { type KernelWork, kernelWork } from '../../../../controller/profiler/kernels/work.ts';
import type { Kernel } from '../../../../mesh/kernel.ts';
import { zooLayers } from '../../plan/models.ts';

function kernel(operator: string, inputs: readonly (readonly number[])[], output: readonly number[]): Kernel {
  const text = (dims: readonly number[]): string => `float32[${dims.join(', ')}]`;
  return { name: operator, operator, inputs: inputs.map(text), outputs: [text(output)] };
}

const isAs = test.macro({
  exec(t, given: Kernel, expected: Partial<KernelWork>) {
    t.like(kernelWork(given), expected);
  },
  title: (said = '') => said,
});

const image = [1, 64, 56, 56];

test(
  'a convolution multiplies its window with all input channels',
  isAs,
  kernel('nchwc.Conv', [[1, 3, 224, 224], [64, 3, 7, 7], [64]], [1, 64, 112, 112]),
  {
    ...{
      group: 'conv',
      blocked: true,
      macs: 64 * 112 * 112 * 3 * 49,
      window: 49,
      stride: 2,
      groups: 1,
      inner: 3,
      outer: 64,
      extraInputs: 0,
    },
    ...{ weightBytes: 4 * 64 * 3 * 49, inputBytes: 4 * (3 * 224 * 224 + 64), outputBytes: 4 * 64 * 112 * 112 },
  },
);
test(
  'a window of one is pointwise; what is added to the result flows in',
  isAs,
  kernel('nchwc.Conv', [image, [128, 64, 1, 1], [128], [1, 128, 56, 56]], [1, 128, 56, 56]),
  {
    ...{ group: 'pointwise', macs: 128 * 56 * 56 * 64, extraInputs: 1, inputBytes: 4 * (64 * 56 * 56 + 128 + 128 * 56 * 56) },
  },
);
test('a depthwise convolution stays in its channel', isAs, kernel('FusedConv', [image, [64, 1, 3, 3], [64]], [1, 64, 28, 28]), {
  ...{ group: 'depthwise', blocked: false, macs: 64 * 28 * 28 * 9, groups: 64, stride: 2 },
});
test('a grouped convolution sees the channels of its group', isAs, kernel('Conv', [image, [128, 16, 3, 3]], [1, 128, 56, 56]), {
  ...{ group: 'conv', macs: 128 * 56 * 56 * 16 * 9, groups: 4, inner: 16, outer: 128 },
});
test('a convolution along one dimension', isAs, kernel('FusedConv', [[1, 1, 1024], [16, 1, 15], [16]], [1, 16, 1010]), {
  ...{ group: 'conv', macs: 16 * 1010 * 15, positions: 1010 },
});
test(
  'a transposed convolution spreads each input',
  isAs,
  kernel('ConvTranspose', [[1, 512, 16, 16], [512, 256, 3, 3], [256]], [1, 256, 32, 32]),
  {
    ...{ group: 'conv-transpose', macs: 512 * 16 * 16 * 256 * 9, inner: 512, outer: 256 },
  },
);
test(
  'a transposed convolution whose weight is packed is taken to cover its output once',
  isAs,
  kernel('ConvTranspose', [[1, 512, 16, 16], [256]], [1, 256, 32, 32]),
  {
    ...{ group: 'conv-transpose', macs: 512 * 16 * 16 * 256 * 4, window: 4, weightBytes: 4 * 512 * 256 * 4, inputBytes: 4 * 512 * 256 },
  },
);
test('a product whose weight is packed', isAs, kernel('FusedGemm', [[1, 400], [120]], [1, 120]), {
  ...{ group: 'gemm', macs: 400 * 120, inner: 400, outer: 120, weightBytes: 4 * 400 * 120, inputBytes: 1600, extraInputs: 0 },
});
test('a product of many rows whose weight is packed', isAs, kernel('Gemm', [[197, 192], [576]], [197, 576]), {
  ...{ macs: 197 * 192 * 576, positions: 197, batch: 1, weightBytes: 4 * 192 * 576 },
});
test('a product with its weight counts that once', isAs, kernel('Gemm', [[8, 400], [400, 120], [120]], [8, 120]), {
  ...{ macs: 8 * 400 * 120, weightBytes: 4 * 400 * 120, inputBytes: 4 * (8 * 400 + 120) },
});
test(
  'a batched product',
  isAs,
  kernel(
    'MatMul',
    [
      [1, 3, 197, 197],
      [1, 3, 197, 64],
    ],
    [1, 3, 197, 64],
  ),
  {
    ...{ group: 'matmul', macs: 3 * 197 * 197 * 64, batch: 3, weightBytes: 0, extraInputs: 1 },
  },
);
test(
  'a batched product with its first side transposed',
  isAs,
  kernel(
    'FusedMatMul',
    [
      [2, 6, 64, 256],
      [2, 6, 64, 128],
    ],
    [2, 6, 256, 128],
  ),
  {
    ...{ macs: 12 * 256 * 128 * 64, inner: 64, batch: 12 },
  },
);
test(
  'a batched product with its second side transposed',
  isAs,
  kernel(
    'FusedMatMul',
    [
      [1, 3, 197, 64],
      [1, 3, 197, 64],
    ],
    [1, 3, 197, 197],
  ),
  {
    ...{ macs: 3 * 197 * 197 * 64, inner: 64, outer: 197 },
  },
);
test('a sequence in both directions', isAs, kernel('LSTM', [[25, 1, 32]], [25, 2, 1, 64]), {
  ...{ group: 'recurrent', macs: 25 * 2 * 4 * 64 * (32 + 64), groups: 2, weightBytes: 4 * 2 * 4 * 64 * 96, inputBytes: 4 * 25 * 32 },
});
test(
  'weights of a sequence that are listed do not count twice',
  isAs,
  kernel(
    'LSTM',
    [
      [25, 1, 32],
      [2, 256, 32],
      [2, 256, 64],
    ],
    [25, 2, 1, 64],
  ),
  {
    ...{ macs: 25 * 2 * 4 * 64 * (32 + 64), inputBytes: 4 * 25 * 32 },
  },
);
test('a gated unit has three quarters of the work', isAs, kernel('GRU', [[25, 1, 32]], [25, 2, 1, 64]), {
  macs: 25 * 2 * 3 * 64 * (32 + 64),
});
test('a pool', isAs, kernel('nchwc.MaxPool', [[1, 64, 112, 112]], [1, 64, 56, 56]), {
  ...{ group: 'pool', blocked: true, macs: 0, stride: 2, inner: 64, positions: 56 * 56 },
});
test('an operator of another domain goes by its name', isAs, kernel('com.microsoft.Gelu', [[4, 4]], [4, 4]), {
  group: 'elementwise',
  blocked: false,
});
test('an operator nobody knows moves bytes', isAs, kernel('Strange', [[4, 4], [4]], [2]), {
  group: 'other',
  macs: 0,
  inputBytes: 80,
  outputBytes: 8,
});
test('a kernel without inputs', isAs, kernel('Conv', [], [2]), { macs: 0, inputBytes: 0, outputBytes: 8, elementBytes: 4 });
test(
  'a kernel of nothing',
  isAs,
  { name: '', operator: '', inputs: [], outputs: [] },
  { group: 'other', macs: 0, inputBytes: 0, outputBytes: 0 },
);
test(
  'elements have the size of their type',
  isAs,
  { name: '', operator: 'Cast', inputs: ['float16[3]'], outputs: ['int64[3]'] },
  {
    ...{ inputBytes: 6, outputBytes: 24, elementBytes: 2 },
  },
);

test('whatever a runtime says, work is finite and not negative', (t) => {
  const operator = fc.oneof(
    fc.constantFrom(
      'Conv',
      'nchwc.Conv',
      'ConvTranspose',
      'Gemm',
      'MatMul',
      'FusedMatMul',
      'LSTM',
      'GRU',
      'MaxPool',
      'constructor',
      '__proto__',
    ),
    fc.string(),
  );
  const dim = fc.oneof(fc.constantFrom('0', '-1', 'NaN', 'Infinity', '1e308', '', 'x', '9007199254740993'), fc.nat().map(String));
  const type = fc.oneof(
    fc
      .tuple(fc.constantFrom('float32', 'int8', 'constructor', ''), fc.array(dim, { maxLength: 6 }))
      .map(([name, dims]) => `${name}[${dims.join(', ')}]`),
    fc.string(),
  );
  fc.assert(
    fc.property(operator, fc.array(type, { maxLength: 5 }), fc.array(type, { maxLength: 3 }), (name, inputs, outputs) => {
      for (const value of Object.values(kernelWork({ name, operator: name, inputs, outputs }))) {
        if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) return false;
      }
      return true;
    }),
    { numRuns: 1000, seed: 1 },
  );
  t.pass();
});

const ofModel = test.macro({
  exec(t, model: string, kernels: readonly Kernel[], layers: readonly number[]) {
    const all = zooLayers(model).layers;
    for (const [index, layer] of layers.entries()) t.is(kernelWork(kernels[index]!).macs, all[layer - 1]!.macs ?? 0, `layer ${layer}`);
  },
  title: (_said, model) => `kernels of ${model} have the work of its layers`,
});

test(
  ofModel,
  'mlp',
  [
    kernel('FusedGemm', [[1, 784], [512]], [1, 512]),
    kernel('FusedGemm', [[1, 512], [256]], [1, 256]),
    kernel('FusedGemm', [[1, 256], [128]], [1, 128]),
    kernel('Gemm', [[1, 128], [10]], [1, 10]),
  ],
  [1, 2, 3, 4],
);
test(
  ofModel,
  'mobilenetv2',
  [
    kernel('nchwc.Conv', [[1, 3, 224, 224], [32, 3, 3, 3], [32]], [1, 32, 112, 112]),
    kernel('nchwc.Conv', [[1, 32, 112, 112], [32, 1, 3, 3], [32]], [1, 32, 112, 112]),
    kernel('nchwc.Conv', [[1, 32, 112, 112], [16, 32, 1, 1], [16]], [1, 16, 112, 112]),
    kernel('nchwc.Conv', [[1, 16, 112, 112], [96, 16, 1, 1], [96]], [1, 96, 112, 112]),
  ],
  [1, 2, 3, 4],
);
test(
  ofModel,
  'bilstm1d',
  [
    kernel('LSTM', [[25, 1, 32]], [25, 2, 1, 64]),
    kernel('LSTM', [[25, 1, 128]], [25, 2, 1, 64]),
    kernel('FusedGemm', [[1, 3200], [256]], [1, 256]),
  ],
  [5, 6, 7],
);
test(ofModel, 'unet', [kernel('ConvTranspose', [[1, 512, 16, 16], [256]], [1, 256, 32, 32])], [15]);
