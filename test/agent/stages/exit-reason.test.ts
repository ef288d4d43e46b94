import test from 'ava';
import { EXIT_NO_GROUP } from '../../../agent/cgroup/launcher.ts';
import { exitReason, type ProcessEnd } from '../../../agent/stages/exit-reason.ts';
import type { ErrorCode } from '../../../mesh/error.ts';

const end: ProcessEnd = { exitCode: null, signal: null, oomKills: 0, memoryLimitBytes: undefined, lastWords: '' };

const cases: readonly [string, Partial<ProcessEnd>, ErrorCode, RegExp][] = [
  [
    'out of memory',
    { signal: 'SIGKILL', oomKills: 1, memoryLimitBytes: 2 ** 26 },
    'exhausted',
    /ran out of memory \(its limit is 64 MiB\)$/,
  ],
  ['out of memory of the device', { signal: 'SIGKILL', oomKills: 2 }, 'exhausted', /ran out of memory$/],
  ['killed by somebody', { signal: 'SIGKILL' }, 'failed', /killed by SIGKILL/],
  ['a crash', { signal: 'SIGSEGV' }, 'failed', /crashed with SIGSEGV$/],
  ['an exit code', { exitCode: 7 }, 'failed', /exit code 7$/],
  [
    'no way into its group',
    { exitCode: EXIT_NO_GROUP, lastWords: 'stage: 2: cannot create x: Permission denied\n' },
    'denied',
    /cgroup.*Permission denied$/,
  ],
  [
    'the JavaScript heap',
    { signal: 'SIGABRT', lastWords: 'FATAL ERROR: … JavaScript heap out of memory\n' },
    'exhausted',
    /JavaScript heap/,
  ],
  ['last words', { exitCode: 1, lastWords: 'first\n\n  the last one  \n\n' }, 'failed', /its last words: the last one$/],
];
for (const [what, how, code, message] of cases) {
  test(`the end of a stage: ${what}`, (t) => {
    const reason = exitReason({ ...end, ...how });
    t.is(reason.code, code);
    t.regex(reason.message, message);
  });
}
