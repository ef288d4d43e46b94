/**
 * What makes a decoder one: the scores at a position depend on its token and the ones before it, on no later one.
 */
import { join } from 'node:path';
import test from 'ava';
import { resolveModel } from '../../../partition/load.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { runSplit, wholeModel } from '../support/run-split.ts';
import { Runtime } from '../support/runtime.ts';

const TOKENS = 256;
const VOCABULARY = 256;

test('gpt-tiny sees no token that comes later', async (t) => {
  await using runtime = new Runtime();
  const folder = await tempFolder(t);
  const { layered } = await resolveModel('gpt-tiny', { cacheDir: join(folder, 'zoo') });
  const logitsOf = async (ids: BigInt64Array<ArrayBuffer>) => {
    const feeds = { ids: { dtype: 'int64' as const, dims: [1, TOKENS], data: ids.buffer } };
    const { logits } = await runSplit(runtime, wholeModel(layered), feeds, join(folder, 'models'));
    return new Float32Array(logits!.data);
  };
  const ids = BigInt64Array.from({ length: TOKENS }, (_, position) => BigInt((position * 7) % VOCABULARY));
  const logits = await logitsOf(ids);
  for (const changed of [0, 100, TOKENS - 1]) {
    const others = await logitsOf(ids.with(changed, 255n));
    const differs = Array.from({ length: TOKENS }, (_, position) => {
      const scores = (of: Float32Array) => of.subarray(position * VOCABULARY, (position + 1) * VOCABULARY);
      return scores(logits).some((score, index) => Math.abs(score - scores(others)[index]!) > 1e-5);
    });
    t.deepEqual(
      differs,
      differs.map((_, position) => position >= changed),
      `token ${changed}`,
    );
  }
});
