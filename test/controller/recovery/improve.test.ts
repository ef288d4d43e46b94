import test from 'ava';
import fc from 'fast-check';
import { type Improvement, improve, type Links } from '../../../controller/recovery/improve.ts';
import type { SeatDevice, SeatedStage } from '../../../controller/recovery/seating.ts';

const NO_LINKS: Links = { routes: [], speed: () => undefined };
const MEGABYTE = 1_000_000;

const stage = (id: string, device: string, computeMs?: number, memoryBytes?: number): SeatedStage => ({
  id,
  seats: [{ device, share: 1, ...(computeMs === undefined ? {} : { computeMs }) }],
  ...(memoryBytes === undefined ? {} : { memoryBytes }),
});
const devices = (...names: readonly string[]): SeatDevice[] => names.map((name) => ({ name, speed: 1 }));

/** source → a → b → c → sink, a megabyte everywhere; a megabyte per millisecond but for those links. */
const chain = (slow: Readonly<Record<string, number>>): Links => ({
  routes: [
    ['source', 'a'],
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'sink'],
  ].map(([from, to]) => ({ from: from!, to: to!, bytes: MEGABYTE })),
  speed: (from, to) => MEGABYTE / (slow[`${from} ${to}`] ?? 1),
});
const three = [stage('a', 'pa', 10), stage('b', 'pb', 10), stage('c', 'pc', 10)];

const cases: readonly (readonly [
  title: string,
  given: readonly [readonly SeatedStage[], readonly SeatDevice[], Links?],
  expected: Improvement | undefined,
])[] = [
  [
    'a device that came back takes a stage of the busiest: of equal ones the one that is less work',
    [[stage('a', 'pa', 8), stage('b', 'pa', 4), stage('c', 'pb', 7)], devices('pa', 'pb', 'pc')],
    { stage: 'b', from: 'pa', to: 'pc', ratio: 8 / 12 },
  ],
  ['all alike and nobody free: nothing is better', [three, devices('pa', 'pb', 'pc')], undefined],
  ['a free device that is not faster does not help', [three, devices('pa', 'pb', 'pc', 'pd')], undefined],
  [
    'a device that has become slow loses its stage to the free one',
    [
      [stage('a', 'pa', 10), stage('b', 'pb', 30)],
      [{ name: 'pa', speed: 1 }, { name: 'pb', speed: 1 / 3 }, ...devices('pc')],
    ],
    { stage: 'b', from: 'pb', to: 'pc', ratio: 10 / 30 },
  ],
  [
    'no room, no move',
    [
      [stage('a', 'pa', 8, 100), stage('b', 'pa', 8, 100)],
      [...devices('pa'), { name: 'pb', speed: 1, freeBytes: 99 }],
    ],
    undefined,
  ],
  [
    'replicas stay',
    [[{ id: 'a', seats: ['pa', 'pb'].map((device) => ({ device, share: 1, computeMs: 20 })) }], devices('pa', 'pb', 'pc')],
    undefined,
  ],
  [
    'a link that has collapsed is a bottleneck: a stage at one of its ends goes to the free device',
    [three, devices('pa', 'pb', 'pc', 'pd'), chain({ 'pb pc': 400 })],
    { stage: 'b', from: 'pb', to: 'pd', ratio: 10 / 400 },
  ],
  [
    'a device all of whose links are slow is left',
    [three, devices('pa', 'pb', 'pc', 'pd'), chain({ 'pa pb': 50, 'pb pc': 400, 'pb pa': 400, 'pd pb': 400, 'pb pd': 400 })],
    { stage: 'b', from: 'pb', to: 'pd', ratio: 10 / 400 },
  ],
  [
    'a free device behind a slow link is no better',
    [
      [stage('a', 'pa', 8), stage('b', 'pa', 8)],
      devices('pa', 'pb'),
      {
        routes: [{ from: 'a', to: 'b', bytes: MEGABYTE }],
        speed: () => MEGABYTE / 16,
      },
    ],
    undefined,
  ],
  [
    'what a link carries for several routes adds up, also of replicas',
    [
      [{ id: 'a', seats: ['pa', 'pb'].map((device) => ({ device, share: 1, computeMs: 2 })) }, stage('b', 'pc', 1)],
      devices('pa', 'pb', 'pc', 'pd'),
      { routes: [{ from: 'a', to: 'b', bytes: MEGABYTE }], speed: (_, to) => MEGABYTE / (to === 'pc' ? 40 : 2) },
    ],
    { stage: 'b', from: 'pc', to: 'pd', ratio: 1 / 20 },
  ],
  ['nothing is known', [[stage('a', 'pa'), stage('b', 'pa')], devices('pa', 'pb')], { stage: 'a', from: 'pa', to: 'pb', ratio: 0.5 }],
];

for (const [title, [stages, there, links = NO_LINKS], expected] of cases) {
  test(title, (t) => {
    const found = improve(stages, there, links);
    if (expected === undefined) t.is(found, undefined);
    else {
      t.deepEqual({ ...found!, ratio: 0 }, { ...expected, ratio: 0 });
      t.true(Math.abs(found!.ratio - expected.ratio) < 1e-9, `${found!.ratio}`);
    }
  });
}

test('two stages on one device have no link between them: without a free device they meet', (t) => {
  const found = improve(three, devices('pa', 'pb', 'pc'), chain({ 'pb pc': 400 }));
  t.is(found?.ratio, 20 / 400);
});

const names = ['pa', 'pb', 'pc', 'pd'] as const;
const times = fc.double({ min: 0.1, max: 100, noNaN: true });
const problem = fc.record({
  seats: fc.array(fc.record({ device: fc.constantFrom(...names), computeMs: times }), { minLength: 1, maxLength: 6 }),
  bytes: fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 7, maxLength: 7 }),
  speeds: fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 36, maxLength: 36 }),
});

test('what is promised is what the moved plan comes to, and there is no better move', (t) => {
  const ends = ['source', ...names, 'sink'];
  fc.assert(
    fc.property(problem, ({ seats, bytes, speeds }) => {
      const ids = seats.map((_, index) => `s${index}`);
      const way = ['source', ...ids, 'sink'];
      const links: Links = {
        routes: way.slice(1).map((to, index) => ({ from: way[index]!, to, bytes: bytes[index]! })),
        speed: (from, to) => speeds[ends.indexOf(from) * ends.length + ends.indexOf(to)],
      };
      /** From scratch, for a chain of single seats. */
      const bottleneck = (places: readonly string[]): number => {
        const busy = new Map<string, number>();
        const add = (key: string, ms: number): void => void busy.set(key, (busy.get(key) ?? 0) + ms);
        for (const [index, place] of places.entries()) add(place, seats[index]!.computeMs);
        const on = ['source', ...places, 'sink'];
        for (const [index, to] of on.slice(1).entries()) {
          const from = on[index]!;
          if (from !== to) add(`${from}→${to}`, bytes[index]! / links.speed(from, to)!);
        }
        return Math.max(...busy.values());
      };
      const places = seats.map(({ device }) => device);
      const found = improve(
        seats.map(({ device, computeMs }, index) => stage(ids[index]!, device, computeMs)),
        devices(...names),
        links,
      );
      const ratioOf = (index: number, to: string): number =>
        bottleneck(places.with(index, to as (typeof names)[number])) / bottleneck(places);
      const best = Math.min(...places.flatMap((from, index) => names.filter((to) => to !== from).map((to) => ratioOf(index, to))));
      if (found === undefined) t.true(best >= 0.99 - 1e-9);
      else {
        const promised = ratioOf(ids.indexOf(found.stage), found.to);
        t.true(Math.abs(promised - found.ratio) < 1e-9 && found.ratio < 1);
        t.true(found.ratio <= best * (1.01 + 1e-9), 'of equals the one with less to do may be a percent worse');
      }
    }),
  );
});
