/** Operators that are written otherwise while a model is trained. */
import fc from 'fast-check';
import { node } from '../../../support/build.ts';
import { numbers } from '../check-operator.ts';
import { int, type OperatorCases, shapes } from './case.ts';

const batchNorm: OperatorCases = {
  cases: fc.tuple(int(3, 5), int(1, 3), shapes(0, 2)).map(([batch, channels, spatial]) => (kind) => ({
    nodes: [node('BatchNormalization', ['x', 'gamma', 'beta', 'mean', 'var'], ['y'], { epsilon: { float: 0.01 } })],
    inputs: { x: [batch, channels, ...spatial], gamma: [channels], beta: [channels] },
    outputs: ['y'],
    constants: ['mean', 'var'].map((name) => numbers(name, [channels], new Array<number>(channels).fill(0.5), kind)),
    training: true,
  })),
  float64: true,
};

/** With so many places that it stays an operator. */
const longBatchNorm: OperatorCases = {
  cases: fc.tuple(int(2, 4), int(1, 3), int(4, 6)).map(([batch, channels, side]) => () => ({
    nodes: [node('BatchNormalization', ['x', 'gamma', 'beta', 'mean', 'var'], ['y'], { epsilon: { float: 0.01 } })],
    inputs: { x: [batch, channels, side, side], gamma: [channels], beta: [channels] },
    outputs: ['y'],
    constants: ['mean', 'var'].map((name) => numbers(name, [channels], new Array<number>(channels).fill(0.5), 'float32')),
    training: true,
  })),
  float64: false,
};

export const trainingCases: Readonly<Record<string, OperatorCases>> = {
  BatchNormalization: batchNorm,
  'BatchNormalization of many places': longBatchNorm,
};
