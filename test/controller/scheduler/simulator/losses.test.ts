/** What befalls a mesh while it runs. */
import test from 'ava';
import { throughputOf } from '../../../../controller/report/run-report.ts';
import { simulate } from '../../../../controller/scheduler/simulator/simulate.ts';
import { chain, scenario } from './small-plans.ts';

const cable = [{ from: 's1', to: 's2', latencyMs: 0, media: ['cable'] }];
const media = [{ name: 'cable', bytesPerS: 1_000_000 }];

test('a device that is lost ends the run with its name, and what was under way is lost', (t) => {
  const lost = { kind: 'device-lost', atMs: 1005, device: 's2', noticedMs: 500 } as const;
  const { loss, frames, sent } = simulate(scenario(chain(3), [10, 10, 10], { frames: 1000, window: 6, happenings: [lost] }));
  t.deepEqual(loss, lost);
  t.true(frames.length > 90 && frames.length < 101, `${frames.length} frames`);
  t.is(sent, frames.length + 6);
});

test('what the lost device had handed on still arrives', (t) => {
  const lost = { kind: 'device-lost', atMs: 55, device: 's1' } as const;
  const { frames, lost: missing, sent } = simulate(scenario(chain(2), [10, 100], { frames: 100, window: 4, happenings: [lost] }));
  // s1 has handed on frames 0 to 2, as many as s2 gives credit for; s2 goes on with them until the run ends.
  t.is(frames.length, 3);
  t.is(missing, sent - 3);
});

test('a loss after the last frame is none', (t) => {
  const { loss, frames } = simulate(
    scenario(chain(1), [10], { frames: 10, happenings: [{ kind: 'device-lost', atMs: 500, device: 's1' }] }),
  );
  t.is(loss, undefined);
  t.is(frames.length, 10);
});

test('the loss that is noticed first ends the run', (t) => {
  const later = { kind: 'link-lost', atMs: 100, from: 's1', to: 's2', noticedMs: 1000 } as const;
  const sooner = { kind: 'device-lost', atMs: 300, device: 's3', noticedMs: 200 } as const;
  t.deepEqual(simulate(scenario(chain(3), [10, 10, 10], { frames: 1000, happenings: [later, sooner] })).loss, sooner);
});

test('a pause holds frames until it is over, and none is lost', (t) => {
  const paused = { kind: 'device-paused', atMs: 105, device: 's2', untilMs: 1105 } as const;
  const calm = simulate(scenario(chain(3), [10, 10, 10], { window: 6, frames: 100 }));
  const held = simulate(scenario(chain(3), [10, 10, 10], { window: 6, frames: 100, happenings: [paused] }));
  t.is(held.frames.length, 100);
  t.true(Math.abs(held.elapsedMs - calm.elapsedMs - 1000) < 20, `${held.elapsedMs} ms instead of ${calm.elapsedMs}`);
});

test('a link that pauses holds what is on it, both ways', (t) => {
  const paused = { kind: 'link-paused', atMs: 105, from: 's2', to: 's1', untilMs: 605 } as const;
  const { frames, loss } = simulate(scenario(chain(2), [10, 10], { window: 6, frames: 100, happenings: [paused] }));
  t.is(frames.length, 100);
  t.is(loss, undefined);
  const arrivals = frames.map(({ startMs, latencyMs }) => startMs + latencyMs);
  t.true(arrivals.every((atMs) => atMs < 125 || atMs > 605));
});

test('a link that never comes back lets the run stand still', (t) => {
  const paused = { kind: 'link-paused', atMs: 105, from: 's1', to: 's2', untilMs: Number.POSITIVE_INFINITY } as const;
  const { frames, loss, lost } = simulate(scenario(chain(2), [10, 10], { window: 6, happenings: [paused] }));
  t.is(loss, undefined);
  t.is(lost, 6);
  t.true(frames.length < 15);
});

test('a bandwidth that changes is felt from then on', (t) => {
  const change = { kind: 'bandwidth', atMs: 5000, medium: 'cable', bytesPerS: 4_000_000 } as const;
  const { frames } = simulate(scenario(chain(2, 40_000), [1, 1], { frames: 500, media, links: cable, happenings: [change] }));
  const arrivals = frames.map(({ startMs, latencyMs }) => startMs + latencyMs);
  const before = frames.filter((_, index) => arrivals[index]! > 1000 && arrivals[index]! < 4900);
  const after = frames.filter((_, index) => arrivals[index]! > 5100);
  t.true(Math.abs(throughputOf(before)! - 25) < 0.01);
  t.true(Math.abs(throughputOf(after)! - 100) < 0.01);
});
