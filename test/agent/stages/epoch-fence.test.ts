import test from 'ava';
import { EpochFence } from '../../../agent/stages/epoch-fence.ts';
import { MeshError } from '../../../mesh/error.ts';

test('the same and newer epochs pass, older ones never again', (t) => {
  const fence = new EpochFence();
  fence.accept('r', 3n);
  fence.accept('r', 3n);
  fence.accept('r', 5n);
  const error = t.throws(() => fence.accept('r', 4n), { instanceOf: MeshError });
  t.is(error?.code, 'conflict');
  t.regex(error?.message ?? '', /epoch 4.*epoch 5/);
  fence.accept('other', 1n);
});

test('a run that is still used is not pushed out by many others', (t) => {
  const fence = new EpochFence();
  fence.accept('r', 2n);
  for (let index = 0; index < 10_000; index++) {
    fence.accept(`run${index}`, 1n);
    if (index % 1000 === 0) fence.accept('r', 2n);
  }
  t.throws(() => fence.accept('r', 1n), { instanceOf: MeshError });
});
