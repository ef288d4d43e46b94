import test from 'ava';
import { closest, editDistance, suggest } from '../../mesh/suggest.ts';

test('the distance between words counts slips of the finger', (t) => {
  t.is(editDistance('', 'abc'), 3);
  t.is(editDistance('run', 'rnu'), 1);
  t.is(editDistance('kitten', 'sitting'), 3);
  t.is(suggest('devcies', ['run', 'devices']), 'devices');
  t.is(suggest('x', ['devices']), undefined);
});

test('what contains the word comes first, then what is nearly it, and nothing else', (t) => {
  t.deepEqual(closest('conv1', ['layer1.conv1', 'conv2', 'Conv1', 'pool', 'cnov1']), ['Conv1', 'layer1.conv1', 'cnov1']);
  t.deepEqual(closest('', ['a', 'bb']), ['a']);
});
