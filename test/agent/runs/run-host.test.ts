import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { lentPath } from '../../../agent/runs/lent-folder.ts';
import { deathsAfter, restartDelayMs } from '../../../agent/runs/restarts.ts';
import { RunHost } from '../../../agent/runs/run-host.ts';
import { RunShelf } from '../../../agent/runs/run-shelf.ts';
import { clockOf } from '../../../mesh/clock.ts';
import { MeshError } from '../../../mesh/error.ts';
import type { RunOrder } from '../../../mesh/run-order.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

/** A run's process that says how often it was started, and does what the model's name says. */
const program = `
import { appendFileSync, readFileSync } from 'node:fs';
const [, , , folder, ...rest] = process.argv;
appendFileSync(folder + '/../../starts', rest.join(' ') + '\\n');
const order = readFileSync(folder + '/order.pb', 'latin1');
if (order.includes('ends at once')) process.exit(0);
if (order.includes('dies once') && !rest.includes('1')) { console.error('for a reason'); process.exit(7); }
process.stdin.on('data', (text) => { if (String(text) === 'stop\\n') process.exit(0); });
process.stdin.on('end', () => process.exit(1));
`;

const orderOf = (run: string, model: string, changes: Partial<RunOrder> = {}): RunOrder => ({
  run,
  model,
  modelFile: undefined,
  cuts: '',
  plan: undefined,
  objective: 'throughput',
  on: [],
  spares: 0,
  weight: 100,
  threads: undefined,
  frames: undefined,
  input: undefined,
  seed: 1,
  output: undefined,
  keepFrames: undefined,
  rateFps: undefined,
  window: 'auto',
  codec: 'auto',
  errorBudget: undefined,
  shadowEvery: 20,
  verify: 'off',
  ...changes,
});

async function open(t: ExecutionContext) {
  const folder = await tempFolder(t);
  const file = join(folder, 'program.mjs');
  await writeFile(file, program);
  const start = (): RunHost => {
    const host = new RunHost({
      device: 'dev',
      mesh: 'lab',
      insecure: false,
      shelf: new RunShelf(folder, async () => {
        throw new MeshError('not-found', 'no blobs here');
      }),
      lentFolder: folder,
      program: file,
      node: process.execPath,
      env: { PATH: process.env.PATH ?? '' },
      group: undefined,
      clock: clockOf(() => performance.now()),
      onChange: () => {},
    });
    t.teardown(() => host.close());
    return host;
  };
  const starts = async (): Promise<string[]> => (await readFile(join(folder, 'starts'), 'utf8').catch(() => '')).trim().split('\n');
  const kept = async (): Promise<string[]> => await readdir(join(folder, 'runs'));
  return { folder, start, starts, kept };
}

test('a run that is over is forgotten', async (t) => {
  const { start, kept } = await open(t);
  const host = start();
  await host.launch(orderOf('r', 'ends at once'));
  await waitUntil('it is over', () => host.list().length === 0);
  await waitUntil('nothing is left', async () => (await kept()).length === 0);
  t.deepEqual(host.list(), []);
});

test('a process that dies is started again, and told so; stop ends it', async (t) => {
  const { start, starts, kept } = await open(t);
  const host = start();
  await host.launch(orderOf('r', 'dies once'));
  await waitUntil('it is started again', async () => (await starts()).length === 2);
  t.deepEqual(await starts(), ['--device dev --mesh lab --deaths 0', '--device dev --mesh lab --deaths 1']);
  t.like(host.list()[0], { run: 'r', restarts: 1, lastWords: 'for a reason\nended with code 7' });
  await t.throwsAsync(host.launch(orderOf('r', 'x')), { message: /is on dev already/ });
  await host.stop('r');
  t.deepEqual(host.list(), []);
  t.deepEqual(await kept(), []);
  await t.throwsAsync(host.stop('r'), { message: /is not on dev/ });
});

test('an agent that starts again starts the runs it remembers', async (t) => {
  const { start, starts } = await open(t);
  const first = start();
  await first.launch(orderOf('r', 'lives'));
  await waitUntil('it runs', async () => (await starts())[0] !== '');
  await first.close();
  const second = start();
  await second.resume();
  await waitUntil('it runs again', async () => (await starts()).length === 2);
  t.is(second.list()[0]?.run, 'r');
  await second.stop('r');
});

test('a draining agent takes no runs', async (t) => {
  const host = (await open(t)).start();
  host.drain();
  await t.throwsAsync(host.launch(orderOf('r', 'lives')), { message: /draining/ });
});

test('a run reads and writes below the folder that is lent to runs, links followed', async (t) => {
  const { folder, start } = await open(t);
  const lent = join(folder, 'lent');
  await mkdir(join(lent, 'deep'), { recursive: true });
  await symlink('/etc', join(lent, 'etc'));
  t.is(await lentPath(lent, 'deep/out.npy'), join(lent, 'deep', 'out.npy'));
  t.is(await lentPath(lent, join(lent, 'out.npy')), join(lent, 'out.npy'));
  for (const path of ['../out.npy', '/etc/out.npy', 'etc/out.npy', 'deep/../../out.npy', 'etc/passwd']) {
    await t.throwsAsync(lentPath(lent, path), { message: /lends to runs/ }, path);
  }
  await t.throwsAsync(lentPath(lent, 'nowhere/out.npy'), { message: /there is no folder/ });
  const host = start();
  await t.throwsAsync(host.launch(orderOf('r', 'lives', { output: '/etc/out.npy' })), { message: /lends to runs/ });
  t.deepEqual(host.list(), []);
});

test('a process that dies is started again later and later, and from the beginning when it lived for long', (t) => {
  t.deepEqual(
    [1, 2, 3, 6, 7, 8, 50].map((deaths) => restartDelayMs(deaths)),
    [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000],
  );
  t.is(deathsAfter(3, 59_999), 4);
  t.is(deathsAfter(3, 60_000), 1);
});
