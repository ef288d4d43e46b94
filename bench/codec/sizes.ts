/** What the modules weigh, and how much larger a chunk may become that can't be compressed. */
import { readdirSync, statSync } from 'node:fs';
import { CHUNK_BYTES } from '../../mesh/frame.ts';
import { Blosc2 } from '../../wasm/blosc2.ts';
import type { Row } from '../support/report.ts';
import type { DataSet } from './data.ts';
import type { Setting } from './lossless.ts';

const build = new URL('../../wasm/build/', import.meta.url);
const KILOBYTE = 1000;

export function sizeRows({ bytes }: DataSet, settings: readonly Setting[]): readonly Row[] {
  const weights = readdirSync(build)
    .filter((name) => name.endsWith('.wasm'))
    .map((name): Row => {
      const kilobytes = statSync(new URL(name, build)).size / KILOBYTE;
      return { what: name, value: kilobytes, unit: 'kB', rounds: [kilobytes], bar: { atMost: 120 } };
    });
  const context = new Blosc2();
  // Lengths around what a block and the shortest compressed chunk have, and whole chunks.
  const lengths = [1, 31, 32, 33, 127, 4095, 4096, 65_537, CHUNK_BYTES - 1, CHUNK_BYTES];
  const larger = settings.flatMap(({ codec, level, filter }) =>
    lengths.map((length) => {
      const raw = bytes.subarray(0, length);
      return context.compress(raw, { codec, level, typesize: 4, filters: filter === undefined ? [] : [filter] }).byteLength - length;
    }),
  );
  const most = Math.max(...larger);
  return [
    ...weights,
    { what: 'a Blosc2 chunk of random bytes is larger by', value: most, unit: 'bytes', rounds: [most], bar: { atMost: 32 } },
  ];
}
