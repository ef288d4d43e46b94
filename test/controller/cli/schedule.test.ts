import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { scheduleCommand } from '../../../controller/cli/schedule.ts';
import { algorithms } from '../../../controller/scheduler/dag/algorithms.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const instance = fileURLToPath(new URL('../../fixtures/instances/s03-forkjoin6-p3.json', import.meta.url));

function run(...args: string[]): Promise<string> {
  return runOn(instance, ...args);
}

/** What the command prints. */
async function runOn(file: string, ...args: string[]): Promise<string> {
  const printed: string[] = [];
  const io: Io = {
    stdout: (text) => void printed.push(text),
    stderr: () => {},
    terminal: false,
    columns: 80,
    tableColumns: 80,
    env: {},
    signal: new AbortController().signal,
    now: () => performance.now(),
    wallClock: () => 0,
  };
  await scheduleCommand.run(['--instance', file, ...args], io);
  return printed.join('');
}

interface Report {
  readonly algorithm: string;
  readonly makespan: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly optimal: boolean;
  readonly solveMs: number;
  readonly schedule: readonly { readonly task: number; readonly processor: number; readonly start: number; readonly finish: number }[];
  readonly seed: number;
}

test('the schedule is told as JSON, with how good it is', async (t) => {
  const report = JSON.parse(await run('--json', '--seed', '7')) as Report;
  t.deepEqual(Object.keys(report), ['algorithm', 'makespan', 'lowerBound', 'gap', 'optimal', 'solveMs', 'schedule', 'seed']);
  t.like(report, { algorithm: 'auto', makespan: 948, lowerBound: 948, gap: 0, optimal: true, seed: 7 });
  t.is(report.schedule.length, 8);
  t.is(Math.max(...report.schedule.map(({ finish }) => finish)), 948);
  const heft = JSON.parse(await run('--json', '--algorithm', 'heft')) as Report;
  t.true(heft.makespan >= 948 && !heft.optimal && heft.gap > 0);
});

test('all algorithms stand in one table, none below the bound', async (t) => {
  const lines = (await run('--algorithm', 'all')).trimEnd().split('\n');
  t.regex(lines[0]!, /^ALGORITHM +MAKESPAN +GAP +MS$/);
  t.deepEqual(
    lines.slice(1).map((line) => line.split(' ')[0]),
    algorithms.map(({ name }) => name),
  );
  const reports = JSON.parse(await run('--algorithm', 'all', '--json')) as readonly Report[];
  for (const { makespan, lowerBound } of reports) t.true(makespan >= 948 && lowerBound <= 948);
});

test('people see rows of tasks, and a picture is a file', async (t) => {
  const text = await run();
  t.regex(text, /^p0 .*▐\d/m);
  t.regex(text, /\nauto: makespan 948, optimal; 8 tasks on 3 processors, solved in /);
  t.true(
    text
      .split('\n')
      .slice(0, 4)
      .every((line) => [...line].length <= 80),
  );
  const svg = join(await tempFolder(t), 'schedule.svg');
  await run('--svg', svg);
  const picture = await readFile(svg, 'utf8');
  t.is(picture.match(/<rect /g)?.length, 8);
  t.true(picture.startsWith('<svg ') && picture.trimEnd().endsWith('</svg>'));
});

test('a limit of time ends a search that would go on', async (t) => {
  const large = fileURLToPath(new URL('../../fixtures/instances/l01-layered100-p8.json', import.meta.url));
  const report = JSON.parse(await runOn(large, '--time-limit', '100', '--json')) as Report;
  t.true(report.makespan <= 4717, 'the best list schedule');
});

test('what is wrong with the command line, or the file, is said', async (t) => {
  const broken = join(await tempFolder(t), 'broken.json');
  await writeFile(broken, '{"compute": [[1, -1]]}');
  await t.throwsAsync(runOn(broken), { message: /compute\[0\]\[1\] is -1: expected a number of at least 0/, code: 'usage' });
  await t.throwsAsync(runOn('none.json'), { message: /none\.json can't be read/, code: 'usage' });
  await t.throwsAsync(run('--algorithm', 'heftt'), { message: /there is no "heftt"; expected all or one of auto, heft/ });
  await t.throwsAsync(run('--algorithm', 'all', '--svg', 'x.svg'), { message: /--svg shows one schedule/ });
  await t.throwsAsync(run('--time-limit', '0'), { message: /--time-limit: "0" is not a number above 0/ });
  await t.throwsAsync(run('--seed', '-1'), { message: /--seed/ });
  await t.throwsAsync(run('--svg', '/proc/none/x.svg'), { message: /--svg: .* can't be written/ });
});
