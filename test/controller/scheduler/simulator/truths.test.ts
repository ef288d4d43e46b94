/** What is known without a simulator: periods, sums, shares and queues with a formula. */
import test from 'ava';
import { throughputOf } from '../../../../controller/report/run-report.ts';
import type { Scenario } from '../../../../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../../../../controller/scheduler/simulator/simulate.ts';
import type { Simulated } from '../../../../controller/scheduler/simulator/simulated.ts';
import { SOURCE } from '../../../../mesh/frame.ts';
import { chain, scenario, smallPlan } from './small-plans.ts';

const MS = 1e-6;

function periodMs({ frames }: Simulated): number {
  return 1000 / throughputOf(frames)!;
}

function near(t: import('ava').ExecutionContext, found: number, expected: number, share = 1e-9): void {
  t.true(Math.abs(found - expected) <= MS + share * expected, `found ${found}, expected ${expected}`);
}

const diamond = smallPlan([
  { id: 'root', reads: [SOURCE] },
  { id: 'left', reads: ['root'] },
  { id: 'right', reads: ['root'] },
  { id: 'join', reads: ['left', 'right'] },
]);
const medium = { name: 'cable', bytesPerS: 1_000_000 };
const cable = (latencyMs: number, media: readonly string[] = []) => [
  { from: 's1', to: 's2', latencyMs, media },
  { from: 's2', to: 's1', latencyMs, media: [] },
];

/** Steady state: period between frames, and what a frame takes that has the mesh for itself. */
const truths: readonly (readonly [title: string, scenario: Scenario, periodMs: number, aloneMs: number])[] = [
  ['one stage takes its compute time', scenario(chain(1), [20]), 20, 20],
  ['a chain is as fast as its slowest stage, and as long as their sum', scenario(chain(4), [5, 20, 10, 15]), 20, 50],
  ['a frame of a diamond takes the longer way', scenario(diamond, [10, 20, 5, 10]), 20, 40],
  ['window 1 is serial', scenario(chain(3), [10, 20, 30], { window: 1 }), 60, 60],
  [
    'two stages on one core take turns',
    scenario(
      smallPlan([
        { id: 's1', device: 'd', reads: [SOURCE] },
        { id: 's2', device: 'd', reads: ['s1'] },
      ]),
      [10, 10],
      { devices: [{ name: 'd', cores: 1 }] },
    ),
    20,
    20,
  ],
  [
    'two stages on two cores do not',
    scenario(
      smallPlan([
        { id: 's1', device: 'd', reads: [SOURCE] },
        { id: 's2', device: 'd', reads: ['s1'] },
      ]),
      [10, 10],
      { devices: [{ name: 'd', cores: 2 }] },
    ),
    10,
    20,
  ],
  [
    'a session that uses two of four cores is twice as fast',
    scenario(chain(1), [20], { stages: [{ stage: 's1', computeMs: 20, cores: 2 }], devices: [{ name: 's1', cores: 4 }] }),
    10,
    10,
  ],
  [
    'what moves bytes is a thread beside the session',
    scenario(chain(1), [20], {
      routes: [
        { from: SOURCE, to: 's1', receiveMs: 3 },
        { from: 's1', to: 'sink', sendMs: 4 },
      ],
    }),
    20,
    27,
  ],
  [
    'on one core it comes out of the same processor',
    scenario(chain(1), [20], {
      routes: [
        { from: SOURCE, to: 's1', receiveMs: 3 },
        { from: 's1', to: 'sink', sendMs: 4 },
      ],
      devices: [{ name: 's1' }],
    }),
    27,
    27,
  ],
  [
    'a link of 1 MB/s lets 50 kB through in 50 ms',
    scenario(chain(2, 50_000), [10, 10], { media: [medium], links: cable(0, ['cable']) }),
    50,
    70,
  ],
  ['latency makes no period longer that the window covers', scenario(chain(2), [10, 10], { links: cable(5) }), 10, 25],
  [
    'a window that is too small for the delay: window ÷ round trip',
    scenario(chain(2), [1, 1], { window: 4, ackMs: 78, links: cable(20) }),
    25,
    22,
  ],
  ['credit of three frames over a round trip of 60 ms', scenario(chain(2), [1, 1], { window: 50, links: cable(30) }), 61 / 3, 32],
  [
    'a quota of half a core doubles what takes many periods',
    scenario(chain(1), [200], { devices: [{ name: 's1', quota: { cores: 0.5 } }] }),
    400,
    400,
  ],
  [
    'so does the kernel’s, tick by tick',
    scenario(chain(1), [200], { devices: [{ name: 's1', cores: 2, quota: { kind: 'kernel', cores: 0.5 } }] }),
    400,
    400,
  ],
];

for (const [title, given, period, alone] of truths) {
  test(title, (t) => {
    const quota = given.devices.some((device) => device.quota !== undefined);
    const found = simulate(given);
    t.is(found.frames.length, given.frames);
    // The steady state: the probing of the automatic window comes before it, an emptying mesh after it; 60 periods are whole turns of any credit here.
    near(t, periodMs({ ...found, frames: found.frames.slice(80, 141) }), period, quota ? 0.02 : 1e-9);
    near(t, found.frames[0]!.latencyMs, alone, quota ? 0.05 : 1e-9);
  });
}

test('a queue with random arrivals waits as Pollaczek and Khinchine say', (t) => {
  // M/D/1: mean wait = ρ s ÷ 2(1 − ρ). M/G/1: λ E[s²] ÷ 2(1 − ρ). Samples 5 and 15 ms: E[s] = 10, E[s²] = 125.
  for (const [computeMs, load, meanSquare] of [
    [10, 0.5, 100],
    [10, 0.8, 100],
    [{ samples: [5, 15] }, 0.7, 125],
  ] as const) {
    const fps = load * 100;
    const expectedMs = ((fps / 1000) * meanSquare) / (2 * (1 - load));
    const found = simulate(
      scenario(chain(1), [0], {
        stages: [{ stage: 's1', computeMs }],
        frames: 200_000,
        window: 100_000,
        arrivals: { kind: 'poisson', fps },
      }),
    );
    const waitMs = found.frames.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / found.frames.length - 10;
    t.true(Math.abs(waitMs / expectedMs - 1) < 0.05, `load ${load}: waits ${waitMs} ms, expected ${expectedMs} ms`);
  }
});

test('an open loop is as fast as its rate, and latency counts from when a frame is due', (t) => {
  const calm = simulate(scenario(chain(2), [10, 10], { arrivals: { kind: 'rate', fps: 50 } }));
  near(t, throughputOf(calm.frames, 50)!, 50);
  t.true(calm.frames.every(({ latencyMs }) => Math.abs(latencyMs - 20) < MS));
  const flooded = simulate(scenario(chain(1), [10], { frames: 101, window: 2, arrivals: { kind: 'rate', fps: 200 } }));
  near(t, throughputOf(flooded.frames, 200)!, 100, 0.01);
  // Frame 100 is due after 500 ms, and 1000 ms of work are before it.
  near(t, flooded.frames[100]!.latencyMs, 510);
});

test('three streams share a medium equally, and who has a narrower one leaves the rest to the others', (t) => {
  const star = smallPlan(
    ['a', 'b', 'c'].flatMap((id) => [
      { id, reads: [SOURCE] },
      { id: `to ${id}`, device: 'hub', reads: [id] },
    ]),
    100_000,
  );
  const media = [
    { name: 'hub', bytesPerS: 3_000_000 },
    { name: 'narrow', bytesPerS: 500_000 },
  ];
  const links = ['a', 'b', 'c'].map((from) => ({ from, to: 'hub', latencyMs: 0, media: from === 'c' ? ['hub', 'narrow'] : ['hub'] }));
  const { routes, media: used } = simulate(scenario(star, [0, 0, 0, 0, 0, 0], { frames: 1, media, links }));
  const transferMs = (from: string): number => routes.find((route) => route.from === from && route.to === `to ${from}`)!.transferMs;
  // c: 0.5 MB/s. a and b: (3 − 0.5) ÷ 2 MB/s.
  near(t, transferMs('a'), 80);
  near(t, transferMs('b'), 80);
  near(t, transferMs('c'), 200);
  t.is(used.find(({ name }) => name === 'hub')!.bytes, 300_000);
});

test('a medium that has idled lets a burst through at once', (t) => {
  const media = [{ ...medium, burstBytes: 20_000 }];
  const { routes } = simulate(scenario(chain(2, 50_000), [0, 0], { window: 1, ackMs: 100, frames: 20, media, links: cable(0, ['cable']) }));
  near(t, routes[1]!.transferMs, 30);
});

test('jitter keeps the order and adds half of it in the mean', (t) => {
  const links = [{ from: 's1', to: 's2', latencyMs: 10, jitterMs: 8, media: [] }];
  const { frames } = simulate(scenario(chain(2), [0, 0], { frames: 20_000, window: 1, links }));
  const meanMs = frames.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / frames.length;
  t.true(Math.abs(meanMs - 14) < 0.1, `${meanMs} ms`);
  t.true(frames.every(({ latencyMs }) => latencyMs >= 10 && latencyMs <= 18));
});

test('a frame larger than what its consumer may hold goes alone', (t) => {
  const links = [{ from: 's1', to: 's2', latencyMs: 5, media: [] }];
  const outstanding = (rawBytes: number): number =>
    simulate(scenario(chain(2, 1000), [1, 10], { window: 8, links, routes: [{ from: 's1', to: 's2', rawBytes }] })).routes[1]!
      .outstandingMax;
  // Of frames of 1000 bytes s2 holds three, so it gives credit for 3000 bytes.
  t.deepEqual([1000, 1500, 2000, 10_000].map(outstanding), [3, 2, 1, 1]);
});
