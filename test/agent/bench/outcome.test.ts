import test from 'ava';
import { type EndFacts, outcomeOf } from '../../../agent/bench/outcome.ts';
import type { Outcome } from '../../../mesh/bench/outcome.ts';

const well: EndFacts = {
  code: 0,
  signal: null,
  oomKills: 0,
  allocationFailed: false,
  pastDeadline: false,
  cancelled: false,
  memoryStall: undefined,
  majorFaultsPerS: 0,
  cpuShare: 0.9,
};
/** What the agent itself does at the deadline, and when it is cancelled. */
const killed = { code: null, signal: 'SIGKILL' } as const;
const late = { ...killed, pastDeadline: true } as const;

const endings: readonly (readonly [what: string, facts: Partial<EndFacts>, outcome: Outcome])[] = [
  ['it ended well', {}, { kind: 'ok' }],
  ['it failed', { code: 3 }, { kind: 'crashed', code: 3 }],
  ['it crashed', { code: null, signal: 'SIGSEGV' }, { kind: 'crashed', signal: 'SIGSEGV' }],
  ['somebody else killed it', killed, { kind: 'crashed', signal: 'SIGKILL' }],
  ['memory ran out', { ...killed, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['memory ran out for its child, and it gave up', { code: 1, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['memory ran out for its child, and it went on without', { oomKills: 1 }, { kind: 'ok' }],
  ['it was slow', late, { kind: 'timed-out' }],
  ['it was slow and read much', { ...late, majorFaultsPerS: 5_000, cpuShare: 0.95 }, { kind: 'timed-out' }],
  ['it slept', { ...late, cpuShare: 0 }, { kind: 'timed-out' }],
  ['it read its pages again and again', { ...late, majorFaultsPerS: 5_000, cpuShare: 0.1 }, { kind: 'thrashing' }],
  ['the kernel says it waited for memory', { ...late, memoryStall: 0.8 }, { kind: 'thrashing' }],
  ['the kernel says it did not', { ...late, memoryStall: 0.1, majorFaultsPerS: 5_000, cpuShare: 0.1 }, { kind: 'timed-out' }],
  ['memory ran out at the very end', { ...late, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['it was cancelled', { ...killed, cancelled: true }, { kind: 'cancelled' }],
  ['it was cancelled while it was late', { ...late, cancelled: true }, { kind: 'cancelled' }],
];
for (const [what, facts, outcome] of endings) {
  test(`${what}: ${Object.values(outcome).join(' ')}`, (t) => {
    t.deepEqual(outcomeOf({ ...well, ...facts }), outcome);
  });
}
