import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
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
    stdin: Readable.from([]),
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
  await t.throwsAsync(run('--objective', 'speed'), { message: /--objective: "speed" is not one of makespan, energy, deadline/ });
  await t.throwsAsync(run('--objective', 'energy'), { message: /energy needs power or radio/, code: 'usage' });
  await t.throwsAsync(run('--placing', 'first'), { message: /--placing: "first" is not one of append, insertion/ });
  await t.throwsAsync(run('--svg', '/proc/none/x.svg'), { message: /--svg: .* can't be written/ });
});

/** A camera's model, four times, on a thrifty and a fast device that share a radio link. */
const camera = {
  compute: [
    [4, 2],
    [3, 2],
    [5, 1],
    [4, 2],
  ],
  edges: [
    [0, 1, 4],
    [0, 2, 4],
    [1, 3, 6],
    [2, 3, 6],
  ],
  link: {
    bandwidth: [
      [null, 2],
      [2, null],
    ],
    latency: [
      [0, 0.5],
      [0.5, 0],
    ],
  },
  processorNames: ['pi', 'pc'],
  power: { busy: [1, 9], idle: [0.2, 1] },
  radio: { send: [0.1, 0.1], receive: [0.1, 0.1] },
  contention: 'interface',
  memory: [2, 3, 3, 2],
  capacity: [6, 6],
  jobs: [{ name: 'camera', tasks: '0-3', period: 12, count: 4, deadline: 13 }],
};

interface EnergyReport extends Report {
  readonly objective: string;
  readonly value: number;
  readonly energy: number;
  readonly utility: number;
  readonly lateness: number;
  readonly feasible: boolean;
  readonly goals: readonly { readonly name: string; readonly deadline: number; readonly finish: number; readonly utility: number }[];
  readonly transfers: readonly { readonly from: number; readonly to: number; readonly start: number; readonly finish: number }[];
}

async function cameraFile(t: ExecutionContext, fields: object = {}): Promise<string> {
  const file = join(await tempFolder(t), 'camera.json');
  await writeFile(file, JSON.stringify({ ...camera, ...fields }));
  return file;
}

test('with power, deadlines and contention in the file, energy, goals and transfers are told', async (t) => {
  const file = await cameraFile(t);
  const report = JSON.parse(await runOn(file, '--objective', 'energy', '--algorithm', 'pso-ga', '--json')) as EnergyReport;
  t.like(report, { objective: 'energy', utility: 1, lateness: 0, feasible: true, value: report.energy });
  t.true(report.lowerBound <= report.value && report.energy > 0);
  t.deepEqual(
    report.goals.map(({ name, deadline }) => [name, deadline]),
    [
      ['camera #1', 13],
      ['camera #2', 25],
      ['camera #3', 37],
      ['camera #4', 49],
    ],
  );
  t.true(report.goals.every(({ finish, deadline }) => finish <= deadline));
  t.is(report.schedule.length, 16);
  t.like(report.schedule[15], { task: 15, copyOf: 3 });
  t.true(report.transfers.length > 0 && report.transfers.every(({ start, finish }) => finish > start));
  const makespan = JSON.parse(await runOn(file, '--json', '--algorithm', 'heft')) as EnergyReport;
  t.false('objective' in makespan);
  t.true(makespan.energy >= report.energy - 1e-9);
});

test('the table of all algorithms has the value of the objective, and who found no room', async (t) => {
  const file = await cameraFile(t);
  const lines = (await runOn(file, '--algorithm', 'all', '--objective', 'energy', '--time-limit', '20')).trimEnd().split('\n');
  t.regex(lines[0]!, /^ALGORITHM +MAKESPAN +ENERGY +LATENESS +GAP +MS$/);
  t.is(lines.length, algorithms.length + 1);
  t.regex(lines.find((line) => line.startsWith('local'))!, /^local +no room$/);
  const reports = JSON.parse(await runOn(file, '--algorithm', 'all', '--time-limit', '20', '--json')) as readonly {
    readonly error?: string;
  }[];
  t.deepEqual(
    reports.flatMap(({ error }) => (error === undefined ? [] : [error])),
    ['processor 0 has no room for all tasks', 'no other processor has room for all tasks'],
  );
  await t.throwsAsync(runOn(file, '--algorithm', 'local'), { message: /processor 0 has no room for all tasks/, code: 'exhausted' });
  const utility = await runOn(file, '--algorithm', 'all', '--objective', 'deadline', '--time-limit', '20');
  t.regex(utility, /^ALGORITHM +MAKESPAN +UTILITY +ENERGY +GAP +MS\n/);
});

test('the chart shows transfers where they occupy something', async (t) => {
  const text = await runOn(await cameraFile(t), '--algorithm', 'heft');
  t.regex(text, /^pc→pi .*▐\d+░/m);
  t.regex(text, /\nheft: makespan [\d.]+, .*; energy [\d.]+; all deadlines kept; 16 tasks on 2 processors/);
  const free = await runOn(await cameraFile(t, { contention: 'none' }), '--algorithm', 'heft');
  t.notRegex(free, /→/);
  const late = await runOn(
    await cameraFile(t, { jobs: [{ ...camera.jobs[0], deadline: 1 }] }),
    '--algorithm',
    'heft',
    '--objective',
    'energy',
  );
  t.regex(late, /\nheft: energy [\d.]+, with deadlines missed \(bound [\d.]+\); makespan [\d.]+; late by [\d.]+ in sum, utility 0\.\d+;/);
  const svg = join(await tempFolder(t), 'schedule.svg');
  await runOn(await cameraFile(t), '--algorithm', 'heft', '--svg', svg);
  t.regex(await readFile(svg, 'utf8'), /<title>camera #1: 0 → camera #1: 1: [\d.]+ to [\d.]+<\/title>/);
});
