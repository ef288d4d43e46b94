/** What other programs make of times. */
import test from 'ava';
import { busyCores, fitLoadEffect, type LoadedRow, loadEffect } from '../../../controller/profiler/load-effect.ts';
import { Random } from '../../../mesh/random.ts';
import { circumstanceOn, slow } from './made-world.ts';

const random = new Random(2);
const row = (busy: number, factor: number): LoadedRow => {
  const unloadedMs = 1 + 100 * random.next();
  return { sample: { circumstance: circumstanceOn(slow, busy), state: {} }, unloadedMs, ms: factor * unloadedMs };
};
const rows = Array.from({ length: 200 }, (_, index) => row(index % 4, [1, 1.2, 1.5, 2][index % 4]!));
const effect = fitLoadEffect(rows);

test('factors that were measured are found again', (t) => {
  for (const [busy, factor] of [
    [1, 1.2],
    [2, 1.5],
    [3, 2],
  ] as const) {
    const told = Math.exp(loadEffect(effect, { circumstance: circumstanceOn(slow, busy), state: {} }, 42));
    t.true(Math.abs(told / factor - 1) < 0.03, `${told} of ${factor}`);
  }
  t.is(effect.busyMax, 3);
});

test('an idle machine has no effect', (t) => {
  t.is(loadEffect(effect, { circumstance: circumstanceOn(slow, 0), state: { cpuBusyPercent: 90 } }, 42), 0);
});

test('nobody who never saw load tells of it', (t) => {
  const unseen = fitLoadEffect(rows.filter(({ sample }) => sample.circumstance.load!.cores === 0));
  t.like(unseen, { trees: undefined, busyMax: 0 });
  t.is(loadEffect(unseen, rows[3]!.sample, 42), 0);
  t.is(fitLoadEffect(rows.filter(({ sample }) => sample.circumstance.load!.cores > 0).slice(0, 19)).trees, undefined);
});

test('load is what was asked for, or else what the machine was found with', (t) => {
  const { load: _, ...unknown } = circumstanceOn(slow, 2);
  t.is(busyCores(circumstanceOn(slow, 2), { cpuBusyPercent: 100 }), 2);
  t.is(busyCores({ ...circumstanceOn(slow), load: { cores: 2, duty: 0.25 } }, {}), 0.5);
  t.is(busyCores(unknown, { cpuBusyPercent: 25 }), 1);
  t.is(busyCores(unknown, {}), 0);
});
