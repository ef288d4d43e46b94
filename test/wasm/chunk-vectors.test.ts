/** The chunks of test/vectors: what could be read once can be read for ever, and what was refused stays refused. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { decodeChunk } from '../../wasm/reference/decode.ts';
import { chunkVectors } from '../vectors/blosc2-chunks.ts';
import { builds } from './support/builds.ts';
import { zstdBytes } from './support/chunks.ts';

const maxBytes = 10_000;
const decoders = [
  ...builds.map(([build, blosc]) => [build, (chunk: Uint8Array) => blosc.decompress(chunk, { maxBytes })] as const),
  ['reference', (chunk: Uint8Array) => decodeChunk(chunk, { maxBytes, zstd: zstdBytes })] as const,
];

for (const vector of chunkVectors()) {
  test(`chunk vector "${vector.name}": ${vector.error ?? `${vector.bytes} bytes`}`, (t) => {
    const chunk = new Uint8Array(Buffer.from(vector.chunk, 'base64'));
    // The reference goes by flags alone where we refuse a version that we do not know.
    for (const [decoder, decode] of /version/.test(vector.name) ? decoders.slice(0, 2) : decoders) {
      if (vector.error !== undefined) {
        t.is(
          refusal(() => decode(chunk)),
          vector.error,
          decoder,
        );
        continue;
      }
      const bytes = decode(chunk);
      t.is(bytes.length, vector.bytes ?? -1, decoder);
      t.is(createHash('sha256').update(bytes).digest('hex'), vector.sha256 ?? '', decoder);
    }
  });
}

/** The code of the error, `kind` with the reference; undefined when nothing was thrown. */
function refusal(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    const { code, kind } = error as { code?: string; kind?: string };
    return code ?? kind;
  }
}
