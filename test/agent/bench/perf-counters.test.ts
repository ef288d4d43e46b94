import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { attachPerf, parsePerf, perfOf } from '../../../agent/bench/perf-counters.ts';
import { descendants, isAlive } from '../../helpers/proc.ts';
import { startProcess } from '../../helpers/processes.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

test('numbers of perf', (t) => {
  t.deepEqual(parsePerf('123456,,cycles,1000,100.00,,\n234567,,instructions,1000,100.00,1.90,insn per cycle\n'), {
    cycles: 123456,
    instructions: 234567,
  });
  t.deepEqual(parsePerf('12,,cycles:u,1,100.00,,\n'), { cycles: 12 }, 'without the kernel, where perf may not look into it');
  const twoKinds = '10,,cpu_core/cycles/,1,50.00,,\n5,,cpu_atom/cycles/,1,50.00,,\n7,,cpu_core/instructions/u,1,50.00,,\n';
  t.deepEqual(parsePerf(twoKinds), { cycles: 15, instructions: 7 });
});

test('what perf does not count is absent', (t) => {
  t.deepEqual(parsePerf('<not supported>,,cycles,0,100.00,,\n<not supported>,,instructions,0,100.00,,\n'), {});
  t.deepEqual(parsePerf('<not counted>,,cycles,0,0.00,,\n9,,instructions,1,100.00,,\n'), { instructions: 9 });
  t.deepEqual(parsePerf('Error:\nAccess to performance monitoring and observability operations is limited.\n'), {});
  t.deepEqual(parsePerf('5,,bus-cycles,1,100.00,,\n'), {});
});

/** A program that behaves as perf does, and notes that it was started. */
async function fakePerf(t: Scope, attached: string): Promise<{ readonly program: string; readonly starts: () => Promise<string[]> }> {
  const folder = await tempFolder(t);
  const program = join(folder, 'perf');
  const log = join(folder, 'log');
  const script = `#!/bin/sh
echo "$$ $*" >> ${log}
case "$*" in
  *--pid*) ${attached} ;;
  *) echo "10,,cycles,1,100.00,," >&2 ;;
esac
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return { program, starts: async () => (await readFile(log, 'utf8')).trim().split('\n') };
}

const COUNTING = `trap 'echo "700,,cycles,1,100.00,," >&2; echo "900,,instructions,1,100.00,," >&2; exit 0' INT
  read -r order <&3 && [ "$order" = enable ] && echo ack >&4
  while :; do sleep 0.05; done`;

test('it counts from before it says so until it is stopped', async (t) => {
  const { program, starts } = await fakePerf(t, COUNTING);
  const attach = perfOf(program);
  const { pid } = startProcess(t, ['sleep', '600']);
  const counters = await attach(pid);
  t.deepEqual(await counters?.stop(), { cycles: 700, instructions: 900 });
  t.deepEqual(await counters?.stop(), { cycles: 700, instructions: 900 });
  await (await attach(pid))?.stop();
  const started = await starts();
  t.is(started.length, 3, 'it was tried out once');
  t.true(started[1]!.includes(`--pid ${pid}`));
  t.false(started.some((line) => isAlive(Number(line.split(' ')[0]))));
});

for (const [title, attached] of [
  ['ends at once', 'echo "no permission" >&2; exit 255'],
  ['never answers', 'trap "exit 0" INT; while :; do sleep 0.05; done'],
  ['never answers and does not listen', 'trap "" INT; while :; do sleep 0.05; done'],
] as const) {
  test(`perf that ${title}: no counters, and no perf left`, async (t) => {
    const { program, starts } = await fakePerf(t, attached);
    const { pid } = startProcess(t, ['sleep', '600']);
    t.is(await perfOf(program)(pid), undefined);
    t.false((await starts()).some((line) => isAlive(Number(line.split(' ')[0]))));
  });
}

test('no perf, no counters', async (t) => {
  t.is(await perfOf('/nowhere/perf')(process.pid), undefined);
});

test("this machine's perf counts, or there are no counters; either way none is left", async (t) => {
  const burning = startProcess(t, ['timeout', '20', 'sh', '-c', 'while :; do :; done']);
  const counters = await attachPerf(burning.pid);
  const counted = await counters?.stop();
  t.true(counted === undefined || counted.cycles !== undefined || counted.instructions !== undefined);
  t.deepEqual(
    descendants(process.pid).filter(({ command }) => command.includes(`--pid ${burning.pid}`)),
    [],
  );
});
