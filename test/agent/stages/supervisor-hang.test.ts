import { existsSync } from 'node:fs';
import test from 'ava';
import { readProcess } from '../../helpers/proc.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { startSupervisor } from './supervisor-harness.ts';

const start = { first: 0n, inputs: [{ from: 'source', address: '127.0.0.1:1', tensors: ['x'] }] };

test.serial('a process that hangs is not waited for: the next epoch gets another, and it is killed', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const key = { run: 'r', stage: 'a', epoch: 1n };
  t.false((await harness.load('ok\nthen-freeze', { key })).reused);
  const frozen = supervisor.status()[0]!.pid!;
  supervisor.start(key, start);
  await waitUntil('it is frozen', () => readProcess(frozen)?.state === 'T');
  const again = await harness.load('ok\nthen-freeze', { key: { ...key, epoch: 2n } });
  t.false(again.reused);
  t.false(existsSync(`/proc/${frozen}`));
  const living = supervisor.status().filter(({ pid }) => pid !== undefined);
  t.deepEqual(
    living.map(({ key: { epoch }, state }) => [epoch, state]),
    [[2n, 'ready']],
  );
  await supervisor.retire('r', '', 2n);
  t.deepEqual(supervisor.status(), []);
  t.deepEqual(harness.problems, []);
});
