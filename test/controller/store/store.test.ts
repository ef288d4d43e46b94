import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { cacheFolder, dataFolder } from '../../../controller/store/folders.ts';
import { Recorder } from '../../../controller/store/recorder.ts';
import { openDatabase, SCHEMA_VERSION } from '../../../controller/store/schema.ts';
import { RunStore } from '../../../controller/store/store.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'store-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const start = (run: string, startedMs = 1, parent?: string) => ({ run, parent, startedMs, model: 'lenet', plan: '{"stages":[]}' });
const rows = {
  frames: [0n, 1n].map((frame) => ({ frame, startMs: 0.5, latencyMs: 2.25 })),
  stages: [{ stage: 's1', device: 'd', frame: 0n, queueUs: 1.4, decodeUs: 2, computeUs: 3, encodeUs: 4 }],
  links: [{ from: 'source', to: 's1', frame: 0n, rawBytes: 10, wireBytes: 5, transferUs: 7.6, occupiedUs: 6, encodeUs: 1, codec: 'lz4' }],
};

test('what is stored is there for the next command', (t) =>
  withFolder(async (folder) => {
    const store = await RunStore.open(folder);
    void store.begin(start('r1'));
    void store.add('r1', rows);
    void store.end({ run: 'r1', endedMs: 9, status: 'done', error: undefined, report: '{}' });
    await store.close();
    await using again = await RunStore.open(folder);
    t.like(await again.find('r1'), { run: 'r1', status: 'done', startedMs: 1, endedMs: 9, report: '{}', error: undefined });
    const back = await again.rows('r1');
    t.deepEqual(back.frames, rows.frames);
    t.like(back.stages[0], { stage: 's1', frame: 0n, queueUs: 1, computeUs: 3 });
    t.deepEqual({ ...back.links[0] }, { ...rows.links[0]!, transferUs: 8 });
  }));

test('a frame has its place in the input where some may have been dropped', (t) =>
  withFolder(async (folder) => {
    await using store = await RunStore.open(folder);
    await store.begin(start('r1'));
    const frames = [0n, 1n].map((frame) => ({ frame, index: 7 * Number(frame), startMs: 0.5, latencyMs: 2.25 }));
    await store.add('r1', { frames, stages: [], links: [] });
    t.deepEqual((await store.rows('r1')).frames, frames);
  }));

test('rows that come twice are stored once', (t) =>
  withFolder(async (folder) => {
    await using store = await RunStore.open(folder);
    await store.begin(start('r1'));
    await store.add('r1', rows);
    await store.add('r1', rows);
    t.is((await store.rows('r1')).frames.length, 2);
  }));

test('runs are listed newest first, without those made for another', (t) =>
  withFolder(async (folder) => {
    await using store = await RunStore.open(folder);
    await store.begin(start('a1', 1));
    await store.begin(start('a2', 2));
    await store.begin(start('a2-whole', 3, 'a2'));
    t.deepEqual(
      (await store.list()).map((run) => run.run),
      ['a2', 'a1'],
    );
    t.like((await store.list())[0], { status: 'unfinished', endedMs: undefined });
    t.is((await store.find('last')).run, 'a2');
    t.is((await store.find('a1')).run, 'a1');
    t.is((await store.find('a2-whole')).run, 'a2-whole');
    await t.throwsAsync(store.find('a'), { code: 'usage', message: /beginning of 2 runs: a2, a1/ });
    await t.throwsAsync(store.find('zzz'), { code: 'not-found' });
  }));

test('a database of a newer release, of another program, or a damaged one is refused with a reason', (t) =>
  withFolder(async (folder) => {
    const newer = join(folder, 'newer.sqlite');
    openDatabase(newer).close();
    const database = new DatabaseSync(newer);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    database.close();
    t.throws(() => openDatabase(newer), { code: 'conflict', message: /layout version/ });

    const foreign = join(folder, 'foreign.sqlite');
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    t.throws(() => openDatabase(foreign), { code: 'invalid', message: /not one of splitmesh/ });

    const damaged = join(folder, 'damaged.sqlite');
    await writeFile(damaged, 'this is no database, but it is long enough to look at'.repeat(40));
    t.throws(() => openDatabase(damaged), { code: 'invalid', message: /damaged or no database/ });
  }));

test('a database of the first layout keeps its rows: what was not measured then is 0', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'runs.sqlite');
    openDatabase(path).close();
    // What later versions added is taken away again.
    const old = new DatabaseSync(path);
    old.exec(
      'ALTER TABLE link_frame DROP COLUMN occupied_us; ALTER TABLE link_frame DROP COLUMN encode_us; ALTER TABLE frame DROP COLUMN input; DROP TABLE alarm; DROP TABLE point; DROP TABLE task_run; DROP TABLE schedule; DROP TABLE task; DROP TABLE descriptor; DROP TABLE sample; DROP TABLE kernel_list; DROP TABLE collection_job; DROP TABLE collection; DROP TABLE sweep_row; DROP TABLE sweep; DROP TABLE bench; PRAGMA user_version = 1',
    );
    old.exec(`INSERT INTO run (run, started_ms, model, status, plan) VALUES ('r0', 1, 'lenet', 'done', '{}')`);
    old.exec(`INSERT INTO frame VALUES ('r0', 0, 0.5, 2.25), ('r0', 1, 0.5, 2.25)`);
    old.exec(`INSERT INTO stage_frame VALUES ('r0', 's1', 0, 'd', 1, 2, 3, 4)`);
    old.exec(`INSERT INTO link_frame VALUES ('r0', 'source', 's1', 0, 10, 5, 8, 'lz4')`);
    old.close();
    await using store = await RunStore.open(folder);
    const back = await store.rows('r0');
    t.deepEqual(back.frames, rows.frames);
    t.like(back.stages[0], { stage: 's1', computeUs: 3, encodeUs: 4 });
    t.deepEqual({ ...back.links[0] }, { ...rows.links[0]!, transferUs: 8, occupiedUs: 0, encodeUs: 0 });
    await store.begin(start('r1'));
    await store.add('r1', rows);
    t.like((await store.rows('r1')).links[0], { occupiedUs: 6, encodeUs: 1 });
    t.is((await store.find('r0')).status, 'done');
    const now = new DatabaseSync(path, { readOnly: true });
    t.like(now.prepare('PRAGMA user_version').get(), { user_version: SCHEMA_VERSION });
    now.close();
  }));

test('the error of the database is the answer to whoever asks', (t) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'runs.sqlite'), 'no database'.repeat(100));
    await using store = await RunStore.open(folder);
    await t.throwsAsync(store.list(), { code: 'invalid', message: /runs\.sqlite is damaged/ });
  }));

test('two controllers write at the same time', (t) =>
  withFolder(async (folder) => {
    await using one = await RunStore.open(folder);
    await using two = await RunStore.open(folder);
    await Promise.all([one.begin(start('r1')), two.begin(start('r2'))]);
    await Promise.all([one.add('r1', rows), two.add('r2', rows)]);
    t.is((await one.list()).length, 2);
  }));

test('a store that can not be written costs a warning, not the run', (t) =>
  withFolder(async (folder) => {
    const warnings: string[] = [];
    await writeFile(join(folder, 'runs.sqlite'), 'no database'.repeat(100));
    const recorder = await Recorder.open(folder, (message) => warnings.push(message));
    recorder.begin(start('r1'));
    recorder.add('r1', rows);
    await recorder.close();
    t.is(warnings.length, 1);
    t.regex(warnings[0]!, /this run is not stored: .*runs\.sqlite/);

    await writeFile(join(folder, 'file'), '');
    const impossible = await Recorder.open(join(folder, 'file', 'below'), (message) => warnings.push(message));
    impossible.begin(start('r1'));
    await impossible.close();
    t.is(warnings.length, 2);
  }));

test('folders: the option, then the environment, then the XDG folders', (t) => {
  t.is(dataFolder('/x', { SPLITMESH_DATA: '/y' }), '/x');
  t.is(dataFolder(undefined, { SPLITMESH_DATA: '/y' }), '/y');
  t.is(dataFolder(undefined, { XDG_DATA_HOME: '/z' }), '/z/splitmesh');
  t.is(dataFolder(undefined, { XDG_DATA_HOME: 'relative', HOME: '/home/u' }), '/home/u/.local/share/splitmesh');
  t.is(cacheFolder({ HOME: '/home/u' }), '/home/u/.cache/splitmesh');
});
