import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import fc from 'fast-check';
import type { Sweep, SweepRow } from '../../../controller/bench/sweep.ts';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { openDatabase, SCHEMA_VERSION } from '../../../controller/store/schema.ts';
import { RunStore } from '../../../controller/store/store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { record } from '../../mesh/bench/arbitraries.ts';
import { memorySweep, recordOf } from '../report/sweep-fixture.ts';

const { sweep, rows } = memorySweep();
const few = rows.slice(0, 8);
const pending = few.map((row) => ({ ...row, record: undefined }));
const named = (name: string, startedMs = 1): Sweep => ({ ...sweep, sweep: name, startedMs, status: 'unfinished' });
/** Objects without a prototype are no difference. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a sweep is there from its beginning, with all that is to be tried', async (t) => {
  const folder = await tempFolder(t);
  await using store = await BenchStore.open(folder);
  await store.beginSweep(named('a'), pending);
  t.deepEqual(await store.sweeps(), [named('a')]);
  t.deepEqual(await store.sweepRows('a'), pending);
  await store.addSweepRow('a', few[0]!);
  t.deepEqual(plain((await store.sweepRows('a'))[0]), plain(few[0]));
  t.is((await store.sweepRows('a'))[1]!.record, undefined);
  await store.endSweep('a', 'failed', 'the device is gone');
  t.like(await store.findSweep('a'), { status: 'failed', error: 'the device is gone' });
  await store.reopenSweep('a', { ...sweep.spec, device: 'pi9' });
  t.like(await store.findSweep('a'), { status: 'unfinished', error: undefined, spec: { ...sweep.spec, device: 'pi9' } });
  await t.throwsAsync(store.endSweep('b', 'done', undefined), { code: 'not-found' });
  await t.throwsAsync(store.addSweepRow('b', few[0]!), { message: /FOREIGN KEY/ });
});

test('beginning again changes nothing that is there, and adds what was not planned', async (t) => {
  await using store = await BenchStore.open(await tempFolder(t));
  await store.beginSweep(named('a'), pending.slice(0, 4));
  await store.addSweepRow('a', few[2]!);
  await store.beginSweep({ ...named('a'), startedMs: 99 }, pending);
  t.is((await store.findSweep('a')).startedMs, 1);
  const found = await store.sweepRows('a');
  t.is(found.length, 8);
  t.deepEqual(
    found.filter((row) => row.record !== undefined).map(({ row }) => row),
    [2],
  );
});

test('rows that are found on the way come to those that were planned', async (t) => {
  await using store = await BenchStore.open(await tempFolder(t));
  await store.beginSweep(named('a'), []);
  for (const row of few.toReversed()) await store.addSweepRow('a', row);
  t.deepEqual(plain(await store.sweepRows('a')), plain(few));
  t.deepEqual(await store.sweepRows('other'), []);
});

test('whatever was measured comes back as it was', async (t) => {
  await using store = await BenchStore.open(await tempFolder(t));
  await store.beginSweep(named('a'), []);
  const part = fc.record({
    value: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    variant: fc.record({
      pageCache: fc.constantFrom('warm' as const, 'cold' as const, 'as-is' as const),
      swapBytes: fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: undefined }),
    }),
    repeat: fc.integer({ min: 1, max: 99 }),
    record: fc.option(record, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(part, async (made) => {
      const row = { row: 3, ...made } as SweepRow;
      await store.addSweepRow('a', row);
      t.deepEqual(plain(await store.sweepRows('a')), plain([row]));
    }),
    { numRuns: 50 },
  );
});

test('outcomes are counted without reading records', async (t) => {
  await using store = await BenchStore.open(await tempFolder(t));
  await store.beginSweep(named('a'), pending);
  await store.addSweepRow('a', { ...few[0]!, record: recordOf({ outcome: { kind: 'out-of-memory' } }) });
  const counts = await store.sweepCounts();
  t.deepEqual(
    counts.map(({ outcome, rows: count }) => [outcome, count]).toSorted(),
    [
      ['out-of-memory', 1],
      [null, 7],
    ].toSorted(),
  );
});

test('sweeps and runs are listed newest first and found by the beginning of their names', async (t) => {
  await using store = await BenchStore.open(await tempFolder(t));
  await t.throwsAsync(store.findSweep('last'), { code: 'not-found', message: /no sweep "last"/ });
  await store.beginSweep(named('s1', 1), []);
  await store.beginSweep(named('s22', 3), []);
  await store.beginSweep(named('s2', 2), []);
  t.deepEqual(
    (await store.sweeps()).map((each) => each.sweep),
    ['s22', 's2', 's1'],
  );
  t.is((await store.findSweep('last')).sweep, 's22');
  t.is((await store.findSweep('s2')).sweep, 's2', 'the whole name of one, the beginning of another');
  await t.throwsAsync(store.findSweep('s'), { code: 'usage', message: /beginning of 3 sweeps: s22, s2, s1/ });
  await t.throwsAsync(store.findSweep('x'), { code: 'not-found', message: /no sweep "x"/ });

  const head = { title: 'resnet', device: 'pi1' };
  const measured = recordOf({ timeMs: 20 });
  await store.addBench({ bench: 'b1', startedMs: 1, ...head, record: measured });
  await store.addBench({ bench: 'b2', startedMs: 2, ...head, record: recordOf({ outcome: { kind: 'thrashing' } }) });
  t.deepEqual(
    (await store.benches()).map(({ bench, outcome }) => [bench, outcome]),
    [
      ['b2', 'thrashing'],
      ['b1', 'ok'],
    ],
  );
  t.deepEqual(plain((await store.findBench('b1')).record), plain(measured));
  await t.throwsAsync(store.findBench('b'), { code: 'usage', message: /2 benchmark runs/ });
  await t.throwsAsync(store.findBench('x'), { code: 'not-found' });
});

test('a controller that is killed loses at most the row that it is measuring', async (t) => {
  const folder = await tempFolder(t);
  const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { BenchStore } = await import(${at('../../../controller/store/bench-store.ts')});
    const { memorySweep } = await import(${at('../report/sweep-fixture.ts')});
    const { sweep, rows } = memorySweep();
    const store = await BenchStore.open(${JSON.stringify(folder)});
    await store.beginSweep({ ...sweep, status: 'unfinished' }, rows.map((row) => ({ ...row, record: undefined })));
    for (const row of rows.slice(0, 3)) await store.addSweepRow(sweep.sweep, row);
    process.stdout.write('three');
    setInterval(() => {}, 1000);
  `;
  await writeFile(join(folder, 'program.mjs'), program);
  const child = spawn(process.execPath, [join(folder, 'program.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  child.kill('SIGKILL');
  await exited;
  await using store = await BenchStore.open(folder);
  t.is((await store.findSweep('last')).status, 'unfinished');
  const found = await store.sweepRows(sweep.sweep);
  t.is(found.length, rows.length);
  t.deepEqual(plain(found.slice(0, 3)), plain(rows.slice(0, 3)));
  t.true(found.slice(3).every((row) => row.record === undefined));
});

test('a database from before there were sweeps gets them and keeps its runs', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'runs.sqlite');
  openDatabase(path).close();
  const old = new DatabaseSync(path);
  old.exec(
    'DROP TABLE alarm; DROP TABLE point; DROP TABLE task_run; DROP TABLE schedule; DROP TABLE task; DROP TABLE descriptor; DROP TABLE sample; DROP TABLE kernel_list; DROP TABLE collection_job; DROP TABLE collection; DROP TABLE sweep_row; DROP TABLE sweep; DROP TABLE bench; PRAGMA user_version = 3',
  );
  old.exec(`INSERT INTO run (run, started_ms, model, status, plan) VALUES ('r0', 1, 'lenet', 'done', '{}')`);
  old.close();
  await using store = await BenchStore.open(folder);
  await store.beginSweep(named('a'), pending);
  t.is((await store.sweepRows('a')).length, 8);
  await using runs = await RunStore.open(folder);
  t.is((await runs.find('last')).run, 'r0');
  const now = new DatabaseSync(path, { readOnly: true });
  t.like(now.prepare('PRAGMA user_version').get(), { user_version: SCHEMA_VERSION });
  now.close();
});

test('a damaged record and a damaged database are said to be', async (t) => {
  const folder = await tempFolder(t);
  {
    await using store = await BenchStore.open(folder);
    await store.beginSweep(named('a'), few);
    const database = new DatabaseSync(join(folder, 'runs.sqlite'));
    database.exec(`UPDATE sweep_row SET record = x'0102' WHERE place = 1`);
    database.close();
    await t.throwsAsync(store.sweepRows('a'), { code: 'invalid', message: /a record of the store is damaged/ });
  }
  const other = await tempFolder(t);
  await writeFile(join(other, 'runs.sqlite'), 'no database'.repeat(100));
  await using broken = await BenchStore.open(other);
  await t.throwsAsync(broken.sweeps(), { code: 'invalid', message: /runs\.sqlite is damaged/ });
});
