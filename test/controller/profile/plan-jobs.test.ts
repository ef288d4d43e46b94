import test from 'ava';
import fc from 'fast-check';
import { NO_LOAD } from '../../../controller/profile/circumstance.ts';
import type { CollectionSpec } from '../../../controller/profile/collection.ts';
import { planJobs } from '../../../controller/profile/plan-jobs.ts';

const half = { cores: 1, duty: 0.5 };
const spec: CollectionSpec = {
  devices: [{ name: 'a' }, { name: 'b' }],
  models: [],
  ...{ segments: 0, kernels: 1, rounds: 2, seed: 3, loads: [NO_LOAD, half], threads: [0, 2] },
};
const subjects = [
  { key: 'm1', kind: 'model' },
  { key: 'm2', kind: 'model' },
  { key: 'k', kind: 'kernels' },
  { key: 'p1', kind: 'probe' },
  { key: 'p2', kind: 'probe' },
] as const;

test('every turn begins and ends with the probes, and has each model once', (t) => {
  const turns = [...Map.groupBy(planJobs(spec, subjects), ({ turn }) => turn).values()];
  t.is(turns.length, 2 * 2 * 2 * 2);
  for (const jobs of turns) {
    const keys = jobs.map(({ subject }) => subject);
    t.deepEqual(keys.slice(0, 2).sort(), ['p1', 'p2']);
    t.deepEqual(keys.slice(-2).sort(), ['p1', 'p2']);
    t.deepEqual(keys.filter((key) => key.startsWith('m')).sort(), ['m1', 'm2']);
    t.is(new Set(jobs.map(({ device, threads, load }) => JSON.stringify([device, threads, load]))).size, 1);
  }
});

test('what is measured on one device is measured on all others before anything else is', (t) => {
  const many = Array.from({ length: 60 }, (_, index) => ({ key: `s${index}`, kind: 'segment' }) as const);
  const turns = [...Map.groupBy(planJobs(spec, [...many, ...subjects]), ({ turn }) => turn).values()];
  const places = 2 * 2 * 2;
  t.is(turns.length, places * 3 * spec.rounds);
  const others = turns.map((jobs) =>
    jobs
      .map(({ subject }) => subject)
      .filter((key) => /^[sm]/.test(key))
      .sort()
      .join(),
  );
  for (let part = 0; part < turns.length; part += places) t.is(new Set(others.slice(part, part + places)).size, 1);
  t.is(new Set(others.slice(0, 3 * places)).size, 3);
  const probed = turns.map((jobs) => jobs.filter(({ subject }) => subject.startsWith('p')).length);
  t.deepEqual(new Set(probed.slice(0, places)), new Set([2]));
  t.deepEqual(new Set(probed.slice(places, 2 * places)), new Set([0]));
});

test('kernels are timed in the first round without load, and made-up ones are measured only there', (t) => {
  const jobs = planJobs(spec, subjects);
  const timed = jobs.filter(({ kernels }) => kernels);
  t.true(timed.every(({ load }) => load.duty === 0));
  t.is(new Set(timed.map(({ turn }) => turn)).size, 4, 'each device with each number of threads');
  t.is(jobs.filter(({ subject }) => subject === 'k').length, 4);
  t.true(jobs.every(({ subject, kernels }) => subject !== 'k' || kernels));
  const loaded = planJobs({ ...spec, loads: [half] }, subjects);
  t.is(loaded.filter(({ subject }) => subject === 'k').length, 4, 'under the lightest load there is');
});

test('executions of the same count up, jobs are numbered, and the seed decides the order', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, rounds) => {
      const jobs = planJobs({ ...spec, seed, rounds }, subjects);
      t.deepEqual(jobs, planJobs({ ...spec, seed, rounds }, subjects));
      t.deepEqual(
        jobs.map(({ job }) => job),
        jobs.map((_, index) => index),
      );
      const m1 = jobs.filter(({ subject, device, threads, load }) => subject === 'm1' && device === 'a' && threads === 2 && load === half);
      t.deepEqual(
        m1.map(({ execution }) => execution),
        Array.from({ length: rounds }, (_, index) => index + 1),
      );
    }),
    { numRuns: 20 },
  );
  const order = (seed: number) => planJobs({ ...spec, seed }, subjects).map(({ subject }) => subject);
  t.notDeepEqual(order(1), order(2));
});
