/** Orders that come too late, or while things change: what is retired or draining is not loaded any more. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { neverAborts, startSupervisor } from './supervisor-harness.ts';

test.serial('an epoch that was retired as a whole is not loaded any more, one of whose stages was retired is', async (t) => {
  const saved: [string, bigint][][] = [];
  const harness = await startSupervisor(t, { epochs: { remembered: new Map(), save: async (lowest) => void saved.push([...lowest]) } });
  const { supervisor } = harness;
  await harness.load('ok');
  await supervisor.retire('r', 'a', 1n);
  await harness.load('ok');
  await supervisor.retire('r', '', 1n);
  const error = await t.throwsAsync(harness.load('ok'), { instanceOf: MeshError });
  t.is(error?.code, 'conflict');
  t.regex(error?.message ?? '', /epoch 1 of run r is over/);
  t.deepEqual(saved, [[['r', 1n]], [['r', 2n]]]);
  await harness.load('ok', { key: { run: 'r', stage: 'a', epoch: 2n } });
});

test.serial('a stage that is retired while its folder is being made does not begin', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const loading = supervisor.load(await harness.order('ok'), neverAborts);
  t.is(supervisor.alive, 1);
  const [, error] = await Promise.all([supervisor.retire('r', '', 1n), t.throwsAsync(loading, { instanceOf: MeshError })]);
  t.is(error?.code, 'cancelled');
  t.deepEqual(supervisor.status(), []);
  t.deepEqual(readdirSync(join(harness.folder, 'stages')), []);
});

test.serial('a device that is drained while it makes the folder of a stage refuses it like any other', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const loading = supervisor.load(await harness.order('ok'), neverAborts);
  supervisor.drain();
  const error = await t.throwsAsync(loading, { instanceOf: MeshError, message: /draining/ });
  t.is(error?.code, 'conflict');
  t.is(supervisor.alive, 0);
});
