import test from 'ava';
import { benchText } from '../../../controller/report/bench-text.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import { recordOf } from './sweep-fixture.ts';

const ok = (changes: Partial<BenchRecord> = {}): BenchRecord => ({
  ...recordOf({ timeMs: 20 }),
  ...changes,
});

test('what is known has a line of its own; what is not is said to be unknown, never 0', (t) => {
  const text = benchText('resnet', ok({ use: { wallMs: 1500, peakMemoryBytes: 2 ** 27, majorFaults: 0 } }), 100);
  t.regex(text, /^used +wall time +1500 ms$/m);
  t.regex(text, /^ +peak memory +128 MiB$/m);
  t.regex(text, /^ +major page faults +0$/m);
  t.regex(text, /^unknown +CPU time, user,/m);
  t.notRegex(text, /instructions +0/);
  t.true(text.split('\n').every((line) => line.length <= 100));
});

test('how it ended comes first, with the reason or its last words', (t) => {
  t.regex(benchText('m', ok({ outcome: { kind: 'refused', why: 'too little' }, use: {} }), 100), /^outcome +refused: too little$/m);
  const crashed = benchText('m', ok({ outcome: { kind: 'crashed', signal: 'SIGSEGV' }, lastWords: 'one\ntwo' }), 100);
  t.regex(crashed, /^outcome +crashed \(SIGSEGV\)\nlast words +one · two$/m);
  t.notRegex(benchText('m', ok({ lastWords: 'only talking' }), 100), /last words/);
});

test('a run that is not valid says why', (t) => {
  const { load } = ok();
  const text = benchText('m', ok({ load: { ...load!, invalid: ['44 of at least 64 queries'] } }), 100);
  t.regex(text, /^not valid +44 of at least 64 queries$/m);
});
