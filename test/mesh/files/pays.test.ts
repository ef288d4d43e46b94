import test from 'ava';
import { pays } from '../../../mesh/files/pays.ts';

const MIB = 1024 * 1024;

/** A chunk of 1 MiB; links in MB/s, times in ms. */
const table: readonly (readonly [
  title: string,
  expected: boolean,
  input: { encodedMib: number; encodeMs: number; decodeMs?: number; link: number },
])[] = [
  ['half the size on 1 Gbit/s, encoded in 1 ms', true, { encodedMib: 0.5, encodeMs: 1, link: 117 }],
  ['half the size on 10 Gbit/s, encoded in 1 ms', false, { encodedMib: 0.5, encodeMs: 1, link: 1170 }],
  ['half the size on a slow device that needs 10 ms', false, { encodedMib: 0.5, encodeMs: 10, link: 117 }],
  ['the same slow device on WiFi', true, { encodedMib: 0.5, encodeMs: 10, link: 5 }],
  ['nothing gained', false, { encodedMib: 1, encodeMs: 0, decodeMs: 0, link: 1 }],
  ['a gain too small to matter', false, { encodedMib: 0.97, encodeMs: 0, decodeMs: 0, link: 1 }],
  ['decoding costs what encoding saved', false, { encodedMib: 0.5, encodeMs: 1, decodeMs: 6, link: 117 }],
  ['encoded to almost nothing, faster than memory moves', true, { encodedMib: 0.01, encodeMs: 0.1, link: 2000 }],
  ['a link that was not measured', false, { encodedMib: 0.5, encodeMs: 1, link: Number.NaN }],
  ['a link without speed', false, { encodedMib: 0.5, encodeMs: 1, link: 0 }],
  ['a clock that went backwards', false, { encodedMib: 0.5, encodeMs: -100, link: 117 }],
];

for (const [title, expected, { encodedMib, encodeMs, decodeMs, link }] of table) {
  test(`encoding ${expected ? 'pays' : 'does not pay'}: ${title}`, (t) => {
    const input = { rawBytes: MIB, encodedBytes: encodedMib * MIB, encodeUs: encodeMs * 1000, linkBytesPerS: link * 1e6 };
    t.is(pays(decodeMs === undefined ? input : { ...input, decodeUs: decodeMs * 1000 }), expected);
  });
}
