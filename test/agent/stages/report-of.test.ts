import test from 'ava';
import { reportOf } from '../../../agent/stages/report-of.ts';

const good = [
  { kind: 'ready', port: 4000, loadMs: 1.5, warmupMs: 0, outputs: [], kernels: [] },
  {
    kind: 'ready',
    port: 4000,
    loadMs: 1.5,
    warmupMs: 0,
    outputs: [{ name: 'y', dtype: 'float32', dims: [1, 0] }],
    kernels: [{ name: 'a', operator: 'Conv', inputs: ['float32[1]'], outputs: [] }],
  },
  { kind: 'opened', epoch: 0n },
  { kind: 'progress', epoch: 1n, frames: 0, held: 0, blocked: 0 },
  { kind: 'retired', epoch: 2n ** 64n, frames: 12 },
  { kind: 'measure', epoch: 1n, batch: new Uint8Array(3) },
  { kind: 'failed', code: 'invalid', reason: 'x' },
  { kind: 'failed', epoch: 1n, code: 'lost', reason: 'x', lostPeer: 'b' },
];
const shown = (value: unknown): string => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));

for (const report of good) {
  test(`a report: ${shown(report)}`, (t) => {
    t.is(reportOf(report) as unknown, report);
  });
}

const bad: readonly unknown[] = [
  undefined,
  null,
  'ready',
  {},
  { kind: 'ready' },
  { kind: 'ready', port: 0, loadMs: 1, warmupMs: 1, outputs: [], kernels: [] },
  { kind: 'ready', port: 70_000, loadMs: 1, warmupMs: 1, outputs: [], kernels: [] },
  { kind: 'ready', port: 4000, loadMs: Number.NaN, warmupMs: 1, outputs: [], kernels: [] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [null], kernels: [] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [{ name: 'y', dtype: 'toString', dims: [] }], kernels: [] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [{ name: 'y', dtype: 'float32', dims: [-1] }], kernels: [] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [], kernels: [{ name: 'a', operator: 'Conv', inputs: 'x', outputs: [] }] },
  { kind: 'ready', port: 4000, loadMs: 1, warmupMs: 1, outputs: [], kernels: [{ name: 'a', operator: 'Conv', inputs: [7], outputs: [] }] },
  { kind: 'progress', frames: 1, held: 0, blocked: 0 },
  { kind: 'progress', epoch: 1n, frames: -1, held: 0, blocked: 0 },
  { kind: 'progress', epoch: 1n, frames: 2 ** 60, held: 0, blocked: 0 },
  { kind: 'progress', epoch: 1n, frames: 1, held: 0.5, blocked: 0 },
  { kind: 'progress', epoch: 1n, frames: 1, held: 0 },
  { kind: 'opened', epoch: 1 },
  { kind: 'opened', epoch: -1n },
  { kind: 'measure', epoch: 1n, batch: 'x' },
  { kind: 'failed', code: 'invalid' },
  { kind: 'failed', epoch: 1n, code: 'invalid' },
  { kind: 'failed', epoch: '1', code: 'invalid', reason: 'x' },
  { kind: 'failed', code: 'lost', reason: 'x', lostPeer: 7 },
  { kind: 'constructor' },
];
for (const message of bad) {
  test(`no report: ${shown(message)}`, (t) => {
    t.is(reportOf(message), undefined);
  });
}
