/** LSTMs in one direction and in both, with and without biases and states to begin with, of which one output or several are read. */
import fc from 'fast-check';
import { node } from '../../../support/build.ts';
import { int, type OperatorCases } from './case.ts';

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
      };
    }),
  float64: false,
};

export const recurrenceCases: Readonly<Record<string, OperatorCases>> = { LSTM: lstm };
