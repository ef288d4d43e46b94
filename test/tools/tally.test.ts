import test from 'ava';
import { addTallies, formatTally, readFailures, readTally } from '../../tools/tally.ts';

const report = `
  ✔ frame › ids count up
  ✔ frame › a slow one (1.2s)
  ✘ [fail]: frame › ids never repeat Rejected promise
  - [skip] link › a slow link
  ─

  frame › ids never repeat

  1 test failed
`;

test('every finished test counts once', (t) => {
  t.deepEqual(readTally(report, 1), { passed: 2, failed: 1, skipped: 1 });
});

test('colours do not hide a failure', (t) => {
  t.is(readTally('  \u001b[31m✘ [fail]:\u001b[39m a › b\n', 1).failed, 1);
});

test('a run that crashes without a failed test counts as one failure', (t) => {
  t.deepEqual(readTally('  ✔ a › b\n\n  1 uncaught exception\n', 1), { passed: 1, failed: 1, skipped: 0 });
  t.is(readTally('', null).failed, 1);
});

test('the total is one plain line', (t) => {
  const total = addTallies([readTally(report, 1), { passed: 40, failed: 0, skipped: 0 }]);
  t.is(formatTally(total).split('\n').at(-1), '42 passed, 1 failed');
});

test('failed tests are named, with what ava says of them', (t) => {
  const failures = readFailures(report, 1);
  t.deepEqual(failures.names, ['frame › ids never repeat Rejected promise']);
  t.regex(failures.details, /─\n\n {2}frame › ids never repeat\n/);
  t.deepEqual(readFailures('  ✔ a › b\n  ─\n\n  1 test passed\n', 0), { names: [], details: '' });
  t.regex(readFailures('  ✔ a › b\n  ─\n\n  1 uncaught exception\n', 1).details, /uncaught/, 'a crash has no failed test, but details');
});
