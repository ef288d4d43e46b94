/** Wrong command lines of `controller bench`: each says what was wrong before anything is started. */
import { PassThrough } from 'node:stream';
import test from 'ava';
import { deadlineOf, parseLoad } from '../../../controller/cli/bench-options.ts';
import { benchRunCommand } from '../../../controller/cli/bench-run.ts';
import type { Io } from '../../../controller/cli/command.ts';
import { parseOptions } from '../../../controller/cli/options.ts';
import { parseSweeps, sweepKinds } from '../../../controller/cli/sweep-options.ts';
import { DEADLINE_MS_MAX } from '../../../mesh/bench/order.ts';
import { MeshError } from '../../../mesh/error.ts';

const io: Io = {
  stdout: () => {},
  stderr: () => {},
  terminal: false,
  columns: 80,
  tableColumns: 80,
  // Whatever gets past the options finds no device.
  env: { NATS_URL: 'nats://127.0.0.1:1' },
  signal: new AbortController().signal,
  stdin: new PassThrough(),
  now: () => 0,
  wallClock: () => 0,
};

const wrongRuns: readonly (readonly [line: string, message: RegExp])[] = [
  ['', /what is to be measured/],
  ['--', /what is to be measured/],
  ['sleep 5', /"5" was not expected here/],
  ['sleep -- 5', /"sleep" was not expected here/],
  ['--model lenet -- true', /"true" was not expected here: --model and a program are two benchmarks/],
  ['--model lenet --env A=1', /--env is for programs/],
  ['--find-peak -- true', /--find-peak is for models/],
  ['--seed 1 -- true', /--seed is for models/],
  ['--env A -- true', /--env: "A" is not NAME=VALUE/],
  ['--env 1A=x -- true', /"1A" is no name of an environment variable/],
  ['--with /nope -- cat', /--with: \/nope can't be read/],
  ['--memory 64XB -- true', /--memory: "64XB" is not an amount of memory/],
  ['--swap 1GiB -- true', /--memory, which is missing/],
  ['--no-limits --cpu 1 -- true', /--no-limits with limits/],
  ['--cpus a -- true', /--cpus: "a" is no list of CPUs/],
  ['--pids 5000000000 -- true', /--pids: 5000000000 is more than 4294967295/],
  ['--timeout 3000000 -- true', /--timeout: 3000000 seconds are more than 2147483 \(24 days\)/],
  ['--page-cache hot -- true', /--page-cache: "hot" is not one of/],
  ['--model lenet --seed 5000000000', /--seed: 5000000000 is more than/],
  ['--model lenet --threads 0', /--threads: "0" is not a whole number of at least 1/],
  ['--model lenet --samples 3', /--samples says nothing in scenario single-stream/],
  ['--model lenet --scenario server', /--rate and --bound/],
  ['--model lenet --percentile 0.99', /--percentile: 0.99 is not between 1 and 100/],
  ['--model lenet --percentile 100', /--percentile: 100 is not between 1 and 100/],
  ['--model lenet --duration 5 --duration-max 1', /--duration-max is below --duration/],
  ['--model lenet --official --duration-max 1', /MLPerf's minimum/],
  ['--model lenet --find-peak', /--find-peak wants --scenario server/],
];
for (const [line, message] of wrongRuns) {
  test(`controller bench run ${line}`, async (t) => {
    const error = await t.throwsAsync(benchRunCommand.run(line === '' ? [] : line.split(' '), io), { instanceOf: MeshError, message });
    t.is((error as MeshError).code, 'usage');
  });
}

test('words behind -- are the program’s, whatever they look like', async (t) => {
  const error = await t.throwsAsync(benchRunCommand.run(['--', 'grep', '--', '--model'], io), { instanceOf: MeshError });
  t.is((error as MeshError).code, 'unreachable', 'it got as far as looking for a device');
});

const wrongSweeps: readonly (readonly [line: string, message: RegExp])[] = [
  ['--limit memory --find-min', /--model is missing/],
  ['--model m', /--limit is missing/],
  ['--model m --limit disk', /--limit: "disk" is not one of memory, cpu/],
  [
    '--model m --limit memory --from 64 --to 32MiB --step 8MiB',
    /--from: "64" is 64 bytes, no whole number of MiB: expected for example 64MiB/,
  ],
  ['--model m --limit cpu --from 1 --to 0 --step 0.1', /--to: "0" is not a number above 0/],
  ['--model m --limit cpu --from 1 --to 0.5 --step 0.1 --repeat 10000', /these are 60000 runs, at most 10000/],
  ['--model m --limit cpu --from 1 --to 0.5 --step 0.1 --repeat 1 --cpu 1', /--cpu is what changes/],
  ['--model m --limit cpu --find-min', /--limit memory/],
  ['--model m --limit memory --find-min --repeat 2', /--repeat says nothing with --find-min/],
  ['--model m --limit memory --find-min --from 8MiB --to 16MiB', /--to is above --from/],
  ['--model m --limit memory --find-min --page-cache warm,warm', /names one twice/],
];
for (const [line, message] of wrongSweeps) {
  test(`controller bench sweep ${line}`, (t) => {
    t.throws(() => parseSweeps(parseOptions('bench sweep', line.split(' '), sweepKinds, 0).values), { code: 'usage', message });
  });
}

test('a longest time alone makes the least time shorter, too', (t) => {
  const defaults = { durationMs: 10_000, durationMsMax: 120_000 };
  t.like(parseLoad({ 'duration-max': '1' }, defaults), { durationMsMin: 1000, durationMsMax: 1000 });
  t.like(parseLoad({ duration: '300' }, defaults), { durationMsMin: 300_000, durationMsMax: 600_000 });
});

test('a deadline is never longer than timers know', (t) => {
  t.is(deadlineOf(undefined, 10_000), 80_000);
  t.is(deadlineOf(undefined, 24 * 86_400_000), DEADLINE_MS_MAX);
  t.is(deadlineOf('0.0001', 0), 1);
});
