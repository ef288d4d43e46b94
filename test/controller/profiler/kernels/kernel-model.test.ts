/** Kernels of one device: those that were timed are known, others are estimated, and what lies far beyond is said. */
import test from 'ava';
import {
  fitKernelModel,
  type KernelModel,
  type KernelPrediction,
  predictKernels,
} from '../../../../controller/profiler/kernels/kernel-model.ts';
import { kernelWork } from '../../../../controller/profiler/kernels/work.ts';
import type { Kernel, TimedKernel } from '../../../../mesh/kernel.ts';
import { Random } from '../../../../mesh/random.ts';
import { median } from '../../../../mesh/ranked.ts';

function gemm(rows: number, inner: number, outer: number): Kernel {
  return {
    name: 'fc',
    operator: 'Gemm',
    inputs: [`float32[${rows}, ${inner}]`, `float32[${outer}]`],
    outputs: [`float32[${rows}, ${outer}]`],
  };
}

/** Microseconds it takes on the device: four thousand multiply-accumulates each, and five for the call. */
const truth = (kernel: Kernel): number => 5 + kernelWork(kernel).macs / 4000;
const timed = (kernel: Kernel, us = truth(kernel)): TimedKernel => ({ ...kernel, us });

const random = new Random(1);
const size = (): number => 8 + random.below(500);
const kernels = Array.from({ length: 120 }, () => timed(gemm(size(), size(), size())));
const fitted = (each: readonly TimedKernel[]): KernelModel => fitKernelModel(each.map((kernel) => [kernel]));
/** Each by itself. */
const predictKernel = (by: KernelModel, kernel: Kernel): KernelPrediction => predictKernels(by, [kernel])[0]!;
const model = fitted(kernels);

test('kernels that were timed take what was measured', (t) => {
  for (const kernel of kernels)
    t.like(predictKernel(model, { ...kernel, name: 'other' }), { us: kernel.us, known: true, group: 'gemm', extrapolates: '' });
});

test('kernels like those that were timed take about what they should', (t) => {
  const off = Array.from({ length: 40 }, () => gemm(size(), size(), size()))
    .map((kernel) => ({ truth: truth(kernel), ...predictKernel(model, kernel) }))
    .map(({ us, truth }) => Math.abs(us / truth - 1))
    .sort((a, b) => a - b);
  t.true(off[36]! < 0.1, `nine of ten are within 10 %: ${off.join(' ')}`);
});

test('what threads gain is learned, so that a kind of kernels that was seen with few of them takes its time with more', (t) => {
  // With two threads everything takes 0.6 of the time; convolutions were never timed with two.
  const conv = (channels: number): Kernel => ({
    ...{ name: 'conv', operator: 'Conv' },
    inputs: [`float32[1, ${channels}, 28, 28]`, `float32[${channels}, ${channels}, 3, 3]`],
    outputs: [`float32[1, ${channels}, 26, 26]`],
  });
  // Convolutions are five times as slow as what multiplies as much.
  const slow = (kernel: Kernel): number => 5 * truth(kernel);
  const convs = Array.from({ length: 60 }, () => conv(8 + random.below(200)));
  const one = fitted([...kernels, ...convs.map((kernel) => timed(kernel, slow(kernel)))]);
  const pairs = kernels.map((kernel) => [{ ...kernel, us: 0.6 * kernel.us }]);
  const off = (by: KernelModel): number => {
    const each = Array.from({ length: 20 }, (_, index) => conv(20 + 8 * index));
    return median(each.map((kernel) => Math.abs(predictKernel(by, kernel).us / (0.6 * slow(kernel)) - 1)));
  };
  t.true(off(fitKernelModel(pairs, one)) < 0.1, `${off(fitKernelModel(pairs, one))}`);
  t.true(off(fitKernelModel(pairs)) > 0.5, 'without those of fewer threads nobody can know');
});

test('of several times of one kernel the median counts', (t) => {
  const kernel = gemm(3, 3, 3);
  const several = fitted([...kernels, timed(kernel, 7), timed(kernel, 900), timed(kernel, 8)]);
  t.is(predictKernel(several, kernel).us, 8);
});

test('a kernel that the clock was too coarse for takes a little', (t) => {
  const kernel = gemm(1, 1, 1);
  t.is(predictKernel(fitted([...kernels, timed(kernel, 0)]), kernel).us, 0.5);
});

test('a kernel far larger than all that were timed is estimated by its work, and that is said', (t) => {
  const large = gemm(4096, 4096, 4096);
  const { us, extrapolates } = predictKernel(model, large);
  t.regex(extrapolates, /^Gemm of 68719 million MACs; the largest timed had \d+$/);
  t.true(us > truth(large) / 2 && us < truth(large) * 2, `${us} of ${truth(large)}`);
});

test('a kind of kernel that was never timed is said to be so', (t) => {
  const { extrapolates, us } = predictKernel(model, {
    name: '',
    operator: 'MaxPool',
    inputs: ['float32[1, 2, 8, 8]'],
    outputs: ['float32[1, 2, 4, 4]'],
  });
  t.is(extrapolates, 'no MaxPool was ever timed');
  t.true(us > 0 && Number.isFinite(us));
});

test('a kernel that moves far more than all that were timed says so', (t) => {
  const small = Array.from({ length: 20 }, (_, index) => ({
    ...{ name: '', operator: 'Relu', inputs: [`float32[${64 + index}]`], outputs: [`float32[${64 + index}]`], us: 1 },
  }));
  const { extrapolates } = predictKernel(fitted(small), {
    ...small[0]!,
    inputs: ['float32[1048576]'],
    outputs: ['float32[1048576]'],
  });
  t.is(extrapolates, 'Relu that moves 8.0 MiB; the largest timed moved 0.0');
});

test('without any kernel there is nothing to learn', (t) => {
  t.throws(() => fitKernelModel([]), { code: 'invalid' });
});

test('a kernel takes longer among many weights, and where its result leaves the session: each is known apart', (t) => {
  const own = gemm(1, 512, 256);
  const others = Array.from({ length: 40 }, (_, index) => timed(gemm(1, 900 + index, 1000)));
  const random = new Random(3);
  const runs = Array.from({ length: 60 }, () => {
    const small = gemm(1, 64 + random.below(900), 64 + random.below(400));
    return [
      [timed(small, 40), timed(gemm(1, 8, 8), 5)],
      [timed(small, 65), ...others],
      [...others, timed(small, 90)],
    ];
  }).flat();
  const both = fitKernelModel([...runs, [timed(own, 40), timed(gemm(1, 8, 8), 5)], [timed(own, 65), ...others]]);
  const at = (together: readonly Kernel[], index: number) => predictKernels(both, together)[index]!;
  t.like(at([own, gemm(1, 8, 8)], 0), { us: 40, known: true });
  t.like(at([own, ...others], 0), { us: 65, known: true });
  const leaving = at([...others, own], others.length);
  t.false(leaving.known);
  t.true(leaving.us > 75, `${leaving.us}`);
});
