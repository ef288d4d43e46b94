/**
 * Chunks of an implementation that is not ours: Blosc 1 compiled to wasm, of the package numcodecs.
 */
import test from 'ava';
import Blosc from 'numcodecs/blosc';
import { builds } from './support/builds.ts';
import { KINDS, raw } from './support/compress-settings.ts';
import { sameBytes } from './support/same-bytes.ts';

for (const cname of ['blosclz', 'lz4', 'lz4hc', 'zstd']) {
  test(`Blosc1 chunks of numcodecs with ${cname} are read, with every filter, level and block size`, async (t) => {
    let compressed = 0;
    for (const shuffle of [0, 1, 2]) {
      for (const [clevel, blocksize] of [
        [1, 0],
        [5, 0],
        [5, 1000],
        [9, 32_768],
      ] as const) {
        for (let kind = 0; kind < KINDS; kind++) {
          const bytes = raw([100_000, 5003, 129, 40][kind % 4]!, 4, kind, 11);
          const chunk = await Blosc.fromConfig({ clevel, cname, shuffle, blocksize }).encode(bytes);
          for (const [build, blosc] of builds) {
            sameBytes(t, blosc.decompress(chunk, { maxBytes: bytes.length }), bytes, `${build}, shuffle ${shuffle}, level ${clevel}`);
          }
          if (!builds[0][1].info(chunk).memcpyed) compressed++;
        }
      }
    }
    t.true(compressed > 36, `${compressed} of 72 chunks were compressed`);
  });
}

test('a Blosc1 chunk with zlib is refused by name', async (t) => {
  const chunk = await Blosc.fromConfig({ clevel: 5, cname: 'zlib', shuffle: 1 }).encode(new Uint8Array(5000).fill(1, 4));
  t.throws(() => builds[0][1].decompress(chunk), { code: 'unsupported', message: /zlib/ });
});
