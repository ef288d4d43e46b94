import test from 'ava';
import { editDistance, suggest } from '../../mesh/suggest.ts';

test('the distance between words counts slips of the finger', (t) => {
  t.is(editDistance('', 'abc'), 3);
  t.is(editDistance('run', 'rnu'), 1);
  t.is(editDistance('kitten', 'sitting'), 3);
  t.is(suggest('devcies', ['run', 'devices']), 'devices');
  t.is(suggest('x', ['devices']), undefined);
});
