/** The real program: it uses CPU time, and nothing of it is left when its agent ends it, or is gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { LoadGenerator } from '../../../agent/bench/load-generator.ts';
import { clockOf } from '../../../mesh/clock.ts';
import { cpuTimes } from '../../helpers/cpu-time.ts';
import { readProcess } from '../../helpers/proc.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const program = fileURLToPath(new URL('../../../agent/bench/load/main.ts', import.meta.url));
const options = {
  node: process.execPath,
  program,
  env: { PATH: process.env.PATH ?? '' },
  group: undefined,
  clock: clockOf(() => performance.now()),
};
const never = new AbortController().signal;

/** Of one core. */
async function useOf(pid: number, ms: number): Promise<number> {
  const before = cpuTimes(pid)!;
  await delay(ms);
  const after = cpuTimes(pid)!;
  return (after.allMs - before.allMs) / (after.atMs - before.atMs);
}

test.serial('it uses no more time than it was told, and some; when it is stopped nothing is left', async (t) => {
  const load = await LoadGenerator.start({ cores: 2, duty: 0.25 }, options, never);
  t.teardown(() => load.stop());
  const use = await useOf(load.pid, 1_000);
  // Others may want the cores, too; its own start is not quite over.
  t.true(use > 0.05 && use < 0.8, `${use} cores`);
  t.false(load.died);
  await load.stop();
  t.is(readProcess(load.pid), undefined);
  await load.stop();
});

test.serial('it is known to have died before it was stopped', async (t) => {
  const load = await LoadGenerator.start({ cores: 1, duty: 0.1 }, options, never);
  process.kill(load.pid, 'SIGKILL');
  await waitUntil('its end is seen', () => load.died);
  await load.stop();
  t.pass();
});

test.serial('a program that does not begin is an error; so is a signal before it', async (t) => {
  await t.throwsAsync(LoadGenerator.start({ cores: 1, duty: 1 }, { ...options, program: '/nowhere' }, never), {
    code: 'failed',
    message: /ended before it began/,
  });
  await t.throwsAsync(LoadGenerator.start({ cores: 1, duty: 1 }, options, AbortSignal.abort(new Error('enough'))), { message: 'enough' });
});

test.serial('it ends with its agent, also when that is killed', async (t) => {
  const agent = spawn(
    process.execPath,
    [
      '-e',
      `const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(program)}, '1', '0.5'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
      child.stdout.once('data', () => console.log(child.pid));`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(agent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  t.truthy(readProcess(pid));
  agent.kill('SIGKILL');
  await waitUntil('it is gone', () => readProcess(pid) === undefined || readProcess(pid)!.state === 'Z');
  t.pass();
});
