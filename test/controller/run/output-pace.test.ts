import test from 'ava';
import { OutputPace } from '../../../controller/run/output-pace.ts';

test('without turns: the time since the last look by the frames that came', (t) => {
  const pace = new OutputPace();
  t.is(pace.msSinceLook(1), undefined);
  for (const ms of [0, 100, 200, 300]) pace.arrived(ms);
  // The first arrival begins the time.
  t.is(pace.msSinceLook(1), 100);
  pace.arrived(400);
  pace.arrived(600);
  t.is(pace.msSinceLook(1), 150);
  t.is(pace.msSinceLook(1), undefined);
});

test('bursts of a round of turns do not show, wherever a look falls', (t) => {
  // Five frames a round of a second, all in its last tenth.
  const pace = new OutputPace();
  const looks: (number | undefined)[] = [];
  for (let frame = 0, lookMs = 730; frame < 200; frame += 1) {
    const atMs = 1000 * Math.floor(frame / 5) + 900 + 20 * (frame % 5);
    for (; lookMs < atMs; lookMs += 730) looks.push(pace.msSinceLook(5));
    pace.arrived(atMs);
  }
  const told = looks.filter((ms) => ms !== undefined);
  t.true(told.length > 30);
  for (const ms of told) t.is(ms, 200);
});

test('another plan begins from nothing, and what is kept has an end', (t) => {
  const pace = new OutputPace();
  for (let frame = 0; frame < 50_000; frame += 1) pace.arrived(frame);
  pace.restart();
  t.is(pace.msSinceLook(1), undefined);
  for (let frame = 0; frame < 50_000; frame += 1) {
    pace.arrived(2 * frame);
    if (frame % 100 === 99 && frame > 200) t.is(pace.msSinceLook(3), 2);
  }
});
