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
  { kind: 'progress', frames: 0 },
  { kind: 'retired', frames: 12 },
  { kind: 'measure', batch: new Uint8Array(3) },
  { kind: 'failed', code: 'invalid', reason: 'x' },
  { kind: 'failed', code: 'lost', reason: 'x', lostPeer: 'b' },
];
for (const report of good) {
  test(`a report: ${JSON.stringify(report)}`, (t) => {
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
  { kind: 'progress', frames: -1 },
  { kind: 'progress', frames: 2 ** 60 },
  { kind: 'measure', batch: 'x' },
  { kind: 'failed', code: 'invalid' },
  { kind: 'failed', code: 'lost', reason: 'x', lostPeer: 7 },
  { kind: 'constructor' },
];
for (const message of bad) {
  test(`no report: ${JSON.stringify(message)}`, (t) => {
    t.is(reportOf(message), undefined);
  });
}
