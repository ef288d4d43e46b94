import test from 'ava';
import { apply, noProgress, progressLines } from '../../../controller/cli/progress.ts';
import type { RunEvent } from '../../../controller/run/run-events.ts';
import { bytes, count, duration, threeDigits } from '../../../controller/text/format.ts';
import { formatTable } from '../../../controller/text/table.ts';

test('numbers have three digits that matter', (t) => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.00123, '0.0012'],
    [0.456, '0.46'],
    [4.567, '4.57'],
    [45.67, '45.7'],
    [456.7, '457'],
    [4567, '4567'],
  ];
  for (const [value, text] of cases) t.is(threeDigits(value), text);
  t.is(bytes(0), '0 B');
  t.is(bytes(1536), '1.50 KiB');
  t.is(bytes(3 * 1024 ** 3), '3.00 GiB');
  t.is(count(11_689_512), '11.7 M');
  t.is(count(999), '999');
  t.is(duration(1234), '1.23 s');
  t.is(duration(72_000), '1 min 12 s');
});

test('columns are as wide as their content, numbers to the right', (t) => {
  const lines = formatTable(
    [{ title: 'NAME' }, { title: 'N', align: 'right' }],
    [
      ['a', '1'],
      ['long', '100'],
    ],
    80,
  );
  t.deepEqual(lines, ['NAME    N', 'a       1', 'long  100']);
});

test('what does not fit is cut where it may be cut', (t) => {
  const lines = formatTable([{ title: 'NAME', flexible: true }, { title: 'N' }], [['abcdefghijklmnopqrstuvwxyz', '1']], 20);
  t.deepEqual(lines, ['NAME               N', 'abcdefghijklmnop…  1']);
});

test('the live view folds events into one line of what goes on and one of the stages', (t) => {
  const events: RunEvent[] = [
    { kind: 'phase', phase: 'deploy' },
    { kind: 'stage', stage: 'stage1', device: 'local1', state: 'ready' },
    { kind: 'phase', phase: 'stream', total: 10 },
    ...[0, 1, 2, 3, 4].map((i): RunEvent => ({ kind: 'arrival', frame: BigInt(i), atMs: 100 * i, latencyMs: 50 })),
  ];
  const progress = events.reduce(apply, noProgress(0));
  t.deepEqual(progressLines(progress, 80), ['streaming  ██████████░░░░░░░░░░  5/10  10.0 fps  50.0 ms', 'stage1@local1 ready']);
  t.true(progressLines(progress, 30).every((line) => [...line].length < 30));
});

test('a second stream starts counting anew', (t) => {
  const events: RunEvent[] = [
    { kind: 'phase', phase: 'stream', total: 8, detail: 'the whole model' },
    { kind: 'arrival', frame: 0n, atMs: 1, latencyMs: 1 },
    { kind: 'phase', phase: 'stream', total: 100 },
  ];
  t.like(events.reduce(apply, noProgress(0)), { arrived: 0, total: 100, detail: undefined });
});
