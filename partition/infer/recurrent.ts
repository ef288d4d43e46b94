/**
 * LSTM, GRU and RNN. X is [sequence, batch, features], or [batch, sequence, features] when layout is 1.
 */
import { intAttribute, stringAttribute } from '../attribute.ts';
import { type Fact, fact, type Rule, type Rules } from './fact.ts';

/** `states`: how many final states follow the sequence of outputs. */
function recurrent(states: number): Rule {
  return (site) => {
    const { dtype, dims } = site.input(0);
    const batchFirst = intAttribute(site.node, 'layout', 0) === 1;
    const directions = stringAttribute(site.node, 'direction', 'forward') === 'bidirectional' ? 2 : 1;
    const hidden = intAttribute(site.node, 'hidden_size') ?? site.input(2).dims?.[2] ?? -1;
    const [length = -1, batch = -1] = batchFirst ? [dims?.[1], dims?.[0]] : [dims?.[0], dims?.[1]];
    const sequence = batchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden];
    const state: Fact = fact(dtype, batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
    return [fact(dtype, sequence), ...new Array<Fact>(states).fill(state)];
  };
}

export const recurrentRules: Rules = { LSTM: recurrent(2), GRU: recurrent(1), RNN: recurrent(1) };
