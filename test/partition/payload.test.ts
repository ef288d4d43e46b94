import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { payloadSource } from '../../controller/deploy/payload-source.ts';
import { type Payload, payloadLength, readPayload, slicePayloadAxis, streamPayload } from '../../partition/payload.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('a part of an axis has the bytes of its entries, read in whatever pieces, in memory and from a file, also of a part', async (t) => {
  const content = Uint8Array.from({ length: 6000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
  const path = join(await tempFolder(t), 'bytes');
  await writeFile(path, content);
  const size = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(size, size, size, fc.nat(20), fc.integer({ min: 1, max: 50 }), async (outer, axis, innerBytes, offset, chunk) => {
      const first = offset % axis;
      const length = outer * axis * innerBytes;
      const bases: readonly Payload[] = [
        { kind: 'memory', bytes: content.subarray(offset, offset + length) },
        { kind: 'file', path, offset, length },
      ];
      const expected = Array.from({ length: outer }, (_, index) => {
        const from = offset + (index * axis + first) * innerBytes;
        return [...content.subarray(from, offset + (index + 1) * axis * innerBytes)];
      }).flat();
      for (const base of bases) {
        const part = slicePayloadAxis(base, { outer, size: axis, innerBytes }, { first, last: axis - 1 });
        const streamed: number[] = [];
        for await (const piece of streamPayload(part, chunk)) {
          t.true(piece.length <= chunk);
          streamed.push(...piece);
        }
        t.deepEqual(streamed, expected);
        t.deepEqual([...readPayload(part)], expected);
        t.is(payloadLength(part), expected.length);
        // Of the part, the last entry again.
        const last = slicePayloadAxis(part, { outer, size: axis - first, innerBytes }, { first: axis - first - 1, last: axis - first - 1 });
        t.deepEqual([...readPayload(last)].slice(0, innerBytes), [
          ...content.subarray(offset + (axis - 1) * innerBytes, offset + axis * innerBytes),
        ]);
        const source = await payloadSource(part);
        const middle = Math.floor(expected.length / 2);
        const reads = await Promise.all([
          source.read(middle, expected.length - middle, new Uint8Array(expected.length)),
          source.read(0, middle, new Uint8Array(middle)),
        ]);
        t.deepEqual([[...reads[1]!], [...reads[0]!]].flat(), expected);
        await source.close();
      }
    }),
    { numRuns: 200 },
  );
});
