import test from 'ava';
import fc from 'fast-check';
import { Lines } from '../../../agent/bench/lines.ts';

function linesOf(pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const piece of pieces) lines.add(piece);
  lines.end();
  return found;
}

test('lines are the same, in whatever pieces they come', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''))),
      fc.array(fc.nat(40)),
      (written, cuts) => {
        const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
        const pieces: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          pieces.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        t.deepEqual(linesOf(pieces), written);
      },
    ),
  );
  t.pass();
});

test('the last line needs no end, and the one of Windows is an end as well', (t) => {
  t.deepEqual(linesOf([Buffer.from('a\r\nb')]), ['a', 'b']);
});

test('a line without an end does not stay in memory', (t) => {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (let i = 0; i < 100; i += 1) lines.add(Buffer.alloc(1000, 'x'));
  t.true(found.length >= 6);
  lines.end();
  t.is(found.join('').length, 100_000);
});
