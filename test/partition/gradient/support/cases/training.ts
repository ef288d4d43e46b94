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

const lstm: OperatorCases = {
  cases: fc
    .tuple(
      int(2, 4),
      int(1, 2),
      int(1, 3),
      int(1, 3),
      fc.constantFrom('forward', 'reverse', 'bidirectional'),
      fc.boolean(),
      fc.boolean(),
      int(1, 7),
    )
    .map(([steps, batch, features, size, direction, bias, states, read]) => () => {
      const count = direction === 'bidirectional' ? 2 : 1;
      const optional = {
        ...(bias ? { b: [count, 8 * size] } : {}),
        ...(states ? { h: [count, batch, size], c: [count, batch, size] } : {}),
      };
      const outputs = ['y', 'last', 'cell'].map((name, index) => ((read >> index) & 1 ? name : ''));
      return {
        nodes: [
          node('LSTM', ['x', 'w', 'r', bias ? 'b' : '', '', ...(states ? ['h', 'c'] : [])], outputs, {
            hidden_size: size,
            direction,
            name: 'lstm',
          }),
        ],
        inputs: { x: [steps, batch, features], w: [count, 4 * size, features], r: [count, 4 * size, size], ...optional },
        outputs: outputs.filter((name) => name !== ''),
        range: [-1, 1] as const,
        training: true,
      };
    }),
  float64: true,
};

export const trainingCases: Readonly<Record<string, OperatorCases>> = { BatchNormalization: batchNorm, LSTM: lstm };
