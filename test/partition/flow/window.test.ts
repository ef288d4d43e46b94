import test from 'ava';
import { autoWindow, stageWindow } from '../../../partition/flow/window.ts';

const cases: [string, Parameters<typeof autoWindow>[0], number][] = [
  ['before anything is measured: two per stage and one', { stages: 3, baseLatencyMs: undefined, rateFps: undefined }, 7],
  ['rate × latency with headroom', { stages: 3, baseLatencyMs: 100, rateFps: 30 }, 6],
  ['never fewer than keep every stage busy', { stages: 3, baseLatencyMs: 10, rateFps: 1 }, 4],
  ['never more than four per stage', { stages: 2, baseLatencyMs: 10_000, rateFps: 1_000 }, 9],
  ['one stage', { stages: 1, baseLatencyMs: 20, rateFps: 50 }, 3],
];

for (const [title, facts, expected] of cases) {
  test(`the automatic window: ${title}`, (t) => t.is(autoWindow(facts), expected));
}

test('a stage holds one frame more for each stage that a longer way to it passes, and for each that may leave at once', (t) => {
  t.is(stageWindow(0), 3);
  t.is(stageWindow(2), 5);
  t.is(stageWindow(0, 2), 4);
});
