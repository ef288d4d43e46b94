import test from 'ava';
import { EpochFence } from '../../../agent/stages/epoch-fence.ts';
import { MeshError } from '../../../mesh/error.ts';

const forgetful = { remembered: new Map(), save: async () => {} };

test('the same and newer epochs pass, older ones never again', (t) => {
  const fence = new EpochFence(forgetful);
  fence.accept('r', 3n);
  fence.accept('r', 3n);
  fence.accept('r', 5n);
  const error = t.throws(() => fence.accept('r', 4n), { instanceOf: MeshError });
  t.is(error?.code, 'conflict');
  t.regex(error?.message ?? '', /epoch 4.*epoch 5/);
  fence.accept('other', 1n);
});

test('a run that is still used is not pushed out by many others', (t) => {
  const fence = new EpochFence(forgetful);
  fence.accept('r', 2n);
  for (let index = 0; index < 10_000; index++) {
    fence.accept(`run${index}`, 1n);
    if (index % 1000 === 0) fence.accept('r', 2n);
  }
  t.throws(() => fence.accept('r', 1n), { instanceOf: MeshError });
});

test('what was remembered from before is refused as well, and only what is new is saved', (t) => {
  const saves: [string, bigint][][] = [];
  const save = async (lowest: ReadonlyMap<string, bigint>) => void saves.push([...lowest]);
  const fence = new EpochFence({ remembered: new Map([['r', 7n]]), save });
  t.throws(() => fence.accept('r', 6n), { instanceOf: MeshError });
  fence.accept('r', 7n);
  t.deepEqual(saves, []);
  fence.accept('r', 8n);
  fence.accept('q', 0n);
  t.deepEqual(saves, [
    [['r', 8n]],
    [
      ['r', 8n],
      ['q', 0n],
    ],
  ]);
});

test('an epoch that was retired is over, though it was the newest; the next one passes', (t) => {
  const fence = new EpochFence(forgetful);
  fence.accept('r', 3n);
  fence.retire('r', 3n);
  t.is(t.throws(() => fence.accept('r', 3n), { instanceOf: MeshError })?.code, 'conflict');
  t.deepEqual([fence.admits('r', 3n), fence.admits('r', 4n), fence.admits('q', 0n)], [false, true, true]);
  fence.accept('r', 4n);
  fence.accept('r', 4n);
});

test('retiring an older epoch than the newest opens nothing; of a run that is not known it counts, too', (t) => {
  const fence = new EpochFence(forgetful);
  fence.accept('r', 5n);
  fence.retire('r', 3n);
  t.deepEqual([fence.admits('r', 4n), fence.admits('r', 5n)], [false, true]);
  fence.retire('q', 2n);
  fence.retire('q', 1n);
  t.deepEqual([fence.admits('q', 2n), fence.admits('q', 3n)], [false, true]);
});

test('what is retired is saved once', (t) => {
  const saves: [string, bigint][][] = [];
  const fence = new EpochFence({ remembered: new Map(), save: async (lowest) => void saves.push([...lowest]) });
  fence.retire('r', 7n);
  fence.retire('r', 7n);
  t.deepEqual(saves, [[['r', 8n]]]);
});
