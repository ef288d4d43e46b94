import test from 'ava';
import { PresenceWatch } from '../../../controller/recovery/presence-watch.ts';
import { beatOf, type Step, watched } from './presence-steps.ts';

const cases: readonly (readonly [title: string, steps: readonly Step[], untilMs: number, expected: readonly string[]])[] = [
  [
    'a device that beats is alive',
    [
      [0, 'a0'],
      [1000, 'a1'],
      [2000, 'a2'],
    ],
    3000,
    ['0 joined'],
  ],
  [
    'a beat that is a little late is not missed',
    [
      [0, 'a0'],
      [1200, 'a1'],
      [2400, 'a2'],
    ],
    3000,
    ['0 joined'],
  ],
  [
    'one or two missed beats make it suspected, the next one clears it',
    [
      [0, 'a0'],
      [3000, 'a3'],
    ],
    4000,
    ['0 joined', '1250 suspected', '3000 cleared'],
  ],
  ['three missed beats, and it is gone', [[0, 'a0']], 9000, ['0 joined', '1250 suspected', '3250 gone']],
  [
    'the last word of an agent that stops counts at once',
    [
      [0, 'a0'],
      [500, beatOf('a1', { leaving: true })],
    ],
    5000,
    ['0 joined', '500 gone'],
  ],
  [
    'beats from before its last word that come after it are no sign of life',
    [
      [0, 'a0'],
      [500, beatOf('a3', { leaving: true })],
      [600, 'a2'],
      [700, 'a1'],
    ],
    5000,
    ['0 joined', '500 gone'],
  ],
  [
    'who was gone and is heard again is the same agent',
    [
      [0, 'a0'],
      [5000, 'a5'],
      [6000, 'a6'],
    ],
    7000,
    ['0 joined', '1250 suspected', '3250 gone', '5000 returned'],
  ],
  [
    'another incarnation has rejoined, whether or not the one before was gone',
    [
      [0, 'a0'],
      [1000, 'b0'],
      [2000, 'b1'],
      [6000, 'c0'],
    ],
    7000,
    ['0 joined', '1000 rejoined', '3250 suspected', '5250 gone', '6000 rejoined'],
  ],
  [
    'a repeated beat is no sign of life',
    [
      [0, 'a0'],
      [900, 'a0'],
      [1800, 'a0'],
      [2700, 'a0'],
    ],
    4000,
    ['0 joined', '1250 suspected', '3250 gone'],
  ],
  [
    'a late beat of the incarnation before is no ghost',
    [
      [0, 'a0'],
      [1000, 'b0'],
      [1100, 'a1'],
      [2000, 'b1'],
      [2100, 'a2'],
    ],
    3000,
    ['0 joined', '1000 rejoined'],
  ],
  [
    'nor are late beats that were heard before, after both are gone',
    [
      [0, 'a5'],
      [1000, 'b0'],
      [1100, 'a6'],
      [6000, 'a6'],
      [6100, 'a4'],
    ],
    7000,
    ['0 joined', '1000 rejoined', '2250 suspected', '4250 gone'],
  ],
  [
    'an incarnation that was taken for superseded is believed when its successor is gone',
    [
      [0, 'b0'],
      [200, 'a9'],
      [1000, 'b1'],
      [2000, 'b2'],
      [3000, 'b3'],
      [4000, 'b4'],
      [5000, 'b5'],
    ],
    5000,
    ['0 joined', '200 rejoined', '1500 suspected', '3500 gone', '4000 rejoined'],
  ],
  [
    'the late last word of an incarnation that is superseded, or was never heard of, takes nobody away',
    [
      [0, 'b0'],
      [100, beatOf('a8', { leaving: true })],
      [200, 'a7'],
      [1000, 'b1'],
    ],
    2000,
    ['0 joined'],
  ],
  [
    'nobody is gone while the bus is away, and counting begins anew when it is back',
    [
      [0, 'a0'],
      [500, 'away'],
      [60_000, 'back'],
    ],
    65_000,
    ['0 joined', '61250 suspected', '63250 gone'],
  ],
  [
    'after the bus was away a device that beats again was never gone',
    [
      [0, 'a0'],
      [500, 'away'],
      [60_000, 'back'],
      [60_400, 'a60'],
      [61_400, 'a61'],
    ],
    62_000,
    ['0 joined'],
  ],
  [
    'an agent that stops says so even while the bus is thought away',
    [
      [0, 'a0'],
      [500, 'away'],
      [600, beatOf('a1', { leaving: true })],
    ],
    5000,
    ['0 joined', '600 gone'],
  ],
  [
    'draining is told when it begins, when it ends, and of a new incarnation',
    [
      [0, 'a0'],
      [1000, beatOf('a1', { draining: true })],
      [2000, beatOf('a2', { draining: true })],
      [3000, 'a3'],
      [4000, beatOf('b0', { draining: true })],
    ],
    4000,
    ['0 joined', '1000 draining', '3000 draining', '4000 rejoined', '4000 draining'],
  ],
];

for (const [title, steps, untilMs, expected] of cases) test(title, (t) => t.deepEqual(watched(steps, untilMs), expected));

test('whoever watches and stood still has not listened either', (t) => {
  const watch = new PresenceWatch();
  watch.heard(beatOf('a0'), 0);
  t.deepEqual(watch.look(1_000), []);
  t.deepEqual(watch.look(6_000), [], 'five seconds in which nobody could be heard');
  t.deepEqual(
    [7_000, 7_250, 8_250, 9_250].flatMap((nowMs) => watch.look(nowMs).map(({ kind }) => `${nowMs} ${kind}`)),
    ['7250 suspected', '9250 gone'],
  );
});

test('devices are watched apart from each other, and what is known of each can be asked', (t) => {
  const watch = new PresenceWatch({ beatMs: 100, missedMax: 2 });
  watch.heard(beatOf('a0', { device: 'pi1' }), 0);
  watch.heard(beatOf('b0', { device: 'pi2', draining: true }), 100);
  t.deepEqual(watch.look(230), [
    { kind: 'gone', device: 'pi1', reason: 'no sign of life for 0.2 s' },
    { kind: 'suspected', device: 'pi2', silentMs: 130 },
  ]);
  t.deepEqual(watch.of('pi1'), { incarnation: 'a', liveness: 'gone', draining: false });
  t.deepEqual(watch.of('pi2'), { incarnation: 'b', liveness: 'suspected', draining: true });
  t.is(watch.of('pi3'), undefined);
});
