import test from 'ava';
import fc from 'fast-check';
import { advance, bytesPerS, clock, ProgressBar, startTransfer, transferLine } from '../../../controller/cli/progress-bar.ts';

const MIB = 1024 * 1024;

test('a line says how much, how fast, and how long', (t) => {
  let transfer = startTransfer('a.onnx', 100 * MIB);
  t.is(transferLine(transfer, 200), 'a.onnx  ░░░░░░░░░░░░░░░░░░░░    0 %  0 B of 100 MiB');
  transfer = advance(transfer, 1000, 30 * MIB);
  transfer = advance(transfer, 2000, 50 * MIB);
  t.is(transferLine(transfer, 200), 'a.onnx  ██████████░░░░░░░░░░   50 %  50.0 MiB of 100 MiB  20.0 MiB/s  0:03');
});

test('what was there before counts for the share, not for the rate', (t) => {
  const transfer = advance(advance(startTransfer('a', 100), 0, 90), 1000, 95);
  t.is(bytesPerS(transfer), 5);
});

test('the rate is that of the last seconds', (t) => {
  let transfer = startTransfer('a', 10_000);
  for (let second = 0; second <= 20; second++)
    transfer = advance(transfer, second * 1000, second <= 10 ? second * 100 : 1000 + (second - 10) * 10);
  t.is(bytesPerS(transfer), 10);
  t.true(transfer.samples.length <= 7);
});

test('a transfer that stands still has no time left to tell', (t) => {
  const transfer = advance(advance(startTransfer('a', 100), 0, 50), 1000, 50);
  t.is(transferLine(transfer, 200), 'a  ██████████░░░░░░░░░░   50 %  50 B of 100 B');
});

test('an empty file is complete', (t) => {
  t.regex(transferLine(startTransfer('a', 0), 200), /100 %/);
});

test('a line is always shorter than the terminal is wide', (t) => {
  const numbers = fc.record({ columns: fc.integer({ min: 1, max: 120 }), total: fc.nat(), done: fc.nat(), ms: fc.nat() });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), numbers, (label, { columns, total, done, ms }) => {
      const transfer = advance(advance(startTransfer(label, total), 0, 0), ms, done);
      return [...transferLine(transfer, columns)].length < columns;
    }),
  );
  t.pass();
});

test('seconds are written as on a clock', (t) => {
  t.deepEqual([0, 6.2, 59.1, 60, 754, 3723].map(clock), ['0:00', '0:07', '1:00', '1:00', '12:34', '1:02:03']);
});

test('the bar redraws a few times a second on a terminal, and is silent without one', (t) => {
  for (const terminal of [true, false]) {
    let now = 0;
    const written: string[] = [];
    const bar = new ProgressBar({ terminal, columns: 80, now: () => now, stderr: (text) => written.push(text) });
    bar.start('a', 1000);
    for (now = 0; now < 1000; now += 10) bar.update(now);
    bar.clear();
    bar.clear();
    t.is(written.length, terminal ? 9 : 0);
    t.true(written.every((text) => text.startsWith('\r\x1b[2K') && !text.includes('\n')));
  }
});
