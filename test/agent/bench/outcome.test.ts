import test from 'ava';
import { type EndFacts, outcomeOf } from '../../../agent/bench/outcome.ts';
import type { Outcome } from '../../../mesh/bench/outcome.ts';

const well: EndFacts = {
  code: 0,
  signal: null,
  oomKills: 0,
  allocationFailed: false,
  killed: undefined,
  thrashing: false,
};
/** What the agent itself does at the deadline, and when it is cancelled. */
const killed = { code: null, signal: 'SIGKILL' } as const;
const late = { ...killed, killed: 'past its deadline' } as const;

const endings: readonly (readonly [what: string, facts: Partial<EndFacts>, outcome: Outcome])[] = [
  ['it ended well', {}, { kind: 'ok' }],
  ['it failed', { code: 3 }, { kind: 'crashed', code: 3 }],
  ['it crashed', { code: null, signal: 'SIGSEGV' }, { kind: 'crashed', signal: 'SIGSEGV' }],
  ['somebody else killed it', killed, { kind: 'crashed', signal: 'SIGKILL' }],
  ['memory ran out', { ...killed, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['memory ran out for its child, and it gave up', { code: 1, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['memory ran out for its child, and it went on without', { oomKills: 1 }, { kind: 'ok' }],
  ['it was slow', late, { kind: 'timed-out' }],
  ['it was late because it thrashed', { ...late, thrashing: true }, { kind: 'thrashing' }],
  ['it thrashed for long', { ...killed, killed: 'thrashing', thrashing: true }, { kind: 'thrashing' }],
  ['memory ran out at the very end', { ...late, oomKills: 1 }, { kind: 'out-of-memory' }],
  ['it was cancelled', { ...killed, killed: 'cancelled' }, { kind: 'cancelled' }],
  ['it was cancelled while it thrashed', { ...killed, killed: 'cancelled', thrashing: true }, { kind: 'cancelled' }],
];
for (const [what, facts, outcome] of endings) {
  test(`${what}: ${Object.values(outcome).join(' ')}`, (t) => {
    t.deepEqual(outcomeOf({ ...well, ...facts }), outcome);
  });
}
