import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { NO_LOAD } from '../../../controller/profile/circumstance.ts';
import type { Collection, Job } from '../../../controller/profile/collection.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { ProfileStore } from '../../../controller/store/profile-store.ts';
import { RunStore } from '../../../controller/store/store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { sample } from '../profile/samples-fixture.ts';

const collection: Collection = {
  ...{ collection: 'collect-1', startedMs: 5, status: 'unfinished', error: undefined },
  spec: { devices: [{ name: 'a' }], models: ['lenet'], segments: 1, kernels: 2, rounds: 3, loads: [NO_LOAD], threads: [0], seed: 1 },
};
const job = (number: number): Job => ({
  ...{ job: number, turn: 0, device: 'a', threads: 0, load: NO_LOAD, subject: `model/${number}/`, execution: 1, kernels: false },
});

function bare({ kernels: _, ...rest }: Sample): Sample {
  return { ...rest, subject: { ...rest.subject, kind: 'codec', part: 'encode' }, state: {}, source: 'run', run: 'r', atMs: 1 };
}

test('a sample comes back as it was, with kernels that were timed, seen, or not known', async (t) => {
  await using store = await ProfileStore.open(await tempFolder(t));
  const { kernels = [], ...rest } = sample;
  const seen: Sample = { ...rest, source: 'run', atMs: 2, kernelsSeen: kernels.map(({ us: _, ...kernel }) => kernel) };
  const unlimited: Sample = { ...bare(sample), circumstance: { ...sample.circumstance, load: NO_LOAD } };
  delete (unlimited.circumstance as { quotaCores?: number }).quotaCores;
  await store.add([sample, seen, unlimited]);
  await store.add([]);
  t.deepEqual(await store.samples(), [unlimited, seen, sample]);
});

test('samples are found by source, kind, device, run and age', async (t) => {
  await using store = await ProfileStore.open(await tempFolder(t));
  const other = bare(sample);
  await store.add([sample, other]);
  const found = async (filter: Parameters<ProfileStore['samples']>[0]) => (await store.samples(filter)).map(({ run }) => run);
  t.deepEqual(await found({ sources: ['run'] }), ['r']);
  t.deepEqual(await found({ sources: ['bench'] }), []);
  t.deepEqual(await found({ kinds: ['model', 'codec'] }), ['r', 'collect-1']);
  t.deepEqual(await found({ kinds: ['model'], devices: ['q06'] }), ['collect-1']);
  t.deepEqual(await found({ devices: ['q1'] }), []);
  t.deepEqual(await found({ run: 'r', sources: ['run'] }), ['r']);
  t.deepEqual(await found({ sinceMs: 2 }), ['collect-1']);
  t.deepEqual(
    (await store.sampleCounts()).map(({ run, kind, samples }) => [run, kind, samples]),
    [
      ['r', 'codec', 1],
      ['collect-1', 'model', 1],
    ],
  );
});

test('a list of kernels that many samples have is kept once', async (t) => {
  const folder = await tempFolder(t);
  {
    await using store = await ProfileStore.open(folder);
    for (let execution = 1; execution <= 5; execution += 1) await store.add([{ ...sample, execution }]);
  }
  const database = new DatabaseSync(join(folder, 'runs.sqlite'));
  t.is(database.prepare('SELECT COUNT(*) AS lists FROM kernel_list').get()!.lists, 1);
  t.is(database.prepare('SELECT COUNT(*) AS samples FROM sample').get()!.samples, 5);
  database.close();
});

test('a collection is there with all its jobs; each comes to a sample or to a failure', async (t) => {
  const folder = await tempFolder(t);
  {
    await using store = await ProfileStore.open(folder);
    await store.beginCollection(collection, [job(0), job(1), job(2)]);
    await store.addJob(1, sample);
    await store.failJob('collect-1', 2, 'out of memory');
  }
  await using store = await ProfileStore.open(folder);
  t.deepEqual(await store.jobs('collect-1'), [
    { ...job(0), failure: undefined },
    { ...job(1), failure: '' },
    { ...job(2), failure: 'out of memory' },
  ]);
  t.deepEqual(await store.findCollection('last'), collection);
  t.deepEqual(await store.findCollection('collect'), collection);
  await t.throwsAsync(store.findCollection('other'), { code: 'not-found' });
  await store.setStatus('collect-1', 'failed', 'the device is gone');
  t.like(await store.findCollection('collect-1'), { status: 'failed', error: 'the device is gone' });
  await t.throwsAsync(store.setStatus('other', 'done'), { code: 'not-found' });
});

test('runs and benchmarks leave samples through their own stores', async (t) => {
  const folder = await tempFolder(t);
  await using runs = await RunStore.open(folder);
  await using benches = await BenchStore.open(folder);
  await runs.addSamples([bare(sample)]);
  await benches.addSamples([{ ...sample, source: 'bench' }]);
  await benches.addSamples([]);
  await using store = await ProfileStore.open(folder);
  t.deepEqual(
    (await store.samples()).map(({ source }) => source),
    ['run', 'bench'],
  );
});
