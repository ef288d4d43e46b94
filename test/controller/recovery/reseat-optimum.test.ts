import test from 'ava';
import fc from 'fast-check';
import { type Reseated, type ReseatProblem, reseat } from '../../../controller/recovery/reseat.ts';
import type { Seat, SeatedStage } from '../../../controller/recovery/seating.ts';

/** Small enough to try everything. Devices p0 … p4; some are gone, some drain, all speeds are told. */
const problems: fc.Arbitrary<ReseatProblem> = fc
  .record({
    seats: fc.array(fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
    facts: fc.array(
      fc.record({
        ms: fc.integer({ min: 1, max: 9 }),
        mib: fc.integer({ min: 1, max: 4 }),
        shares: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 3 }))),
      }),
      {
        minLength: 4,
        maxLength: 4,
      },
    ),
    devices: fc.array(
      fc.record({ speed: fc.integer({ min: 1, max: 4 }), free: fc.integer({ min: 0, max: 8 }), gone: fc.boolean(), drains: fc.boolean() }),
      {
        minLength: 5,
        maxLength: 5,
      },
    ),
    spares: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
  })
  .map(({ seats, facts, devices, spares }) => ({
    stages: seats.map((on, index): SeatedStage => {
      const { ms, mib, shares } = facts[index]!;
      const computed = (device: number) => ms / (devices[device]!.gone ? 2 : devices[device]!.speed);
      return {
        id: `s${index}`,
        memoryBytes: mib,
        seats: on.map((device, seat) => ({ device: `p${device}`, share: shares[seat]!, computeMs: computed(device) })),
      };
    }),
    devices: devices.flatMap(({ speed, free, gone }, index) => (gone ? [] : [{ name: `p${index}`, speed, freeBytes: free }])),
    without: devices.flatMap(({ drains }, index) => (drains ? [`p${index}`] : [])),
    spares: spares.map((index) => `p${index}`),
  }))
  .filter(({ stages, devices, without }) => moved({ stages, devices, without }).length <= 4);

function moved({ stages, devices, without }: ReseatProblem): { stage: SeatedStage; seat: Seat }[] {
  const there = (name: string) => devices.some((device) => device.name === name) && !without.includes(name);
  return stages.flatMap((stage) => stage.seats.filter(({ device }) => !there(device)).map((seat) => ({ stage, seat })));
}

/** A seating as it is in the end: of each stage its seats, with where they were. */
type Seating = readonly { readonly stage: SeatedStage; readonly device: string; readonly share: number; readonly stays: boolean }[];

/** Every way to give each moved seat a device or none. */
function* everyWay(problem: ReseatProblem): Generator<{ seating: Seating; dropped: number }> {
  const moving = moved(problem);
  const names = problem.devices.map(({ name }) => name).filter((name) => !problem.without.includes(name));
  const staying = problem.stages.flatMap((stage) =>
    stage.seats
      .filter((seat) => !moving.some((each) => each.seat === seat))
      .map(({ device, share }) => ({ stage, device, share, stays: true })),
  );
  const ways = (names.length + 1) ** moving.length;
  for (let way = 0; way < ways; way += 1) {
    let rest = way;
    const placed = moving.flatMap(({ stage, seat }) => {
      const choice = rest % (names.length + 1);
      rest = Math.floor(rest / (names.length + 1));
      return choice === names.length ? [] : [{ stage, seat, device: names[choice]!, share: seat.share, stays: false }];
    });
    const seating = [...staying, ...placed];
    const allowed =
      problem.stages.every((stage) => {
        const seats = seating.filter((seat) => seat.stage === stage);
        const lost = moving.filter((each) => each.stage === stage).map(({ seat }) => seat);
        const needed =
          lost.length < stage.seats.length ? undefined : lost.find(({ share }) => share === Math.max(...lost.map((each) => each.share)));
        const own = placed.filter((seat) => seat.stage === stage);
        return (
          seats.length > 0 &&
          (needed === undefined || own.some(({ seat }) => seat === needed)) &&
          new Set(own.map(({ device }) => device)).size === own.length &&
          own.every(({ seat, device }) => seat === needed || seating.filter((other) => other.device === device).length === 1)
        );
      }) &&
      problem.devices.every(
        ({ name, freeBytes }) =>
          placed.filter(({ device }) => device === name).reduce((sum, { stage }) => sum + stage.memoryBytes!, 0) <= freeBytes!,
      );
    if (allowed) yield { seating, dropped: moving.length - placed.length };
  }
}

/** What reseat.ts says it compares, by its words. */
function merits(problem: ReseatProblem, { seating, dropped }: { seating: Seating; dropped: number }): number[] {
  const busy = (name: string) => seating.filter(({ stays, device }) => stays && device === name).length;
  const spares = problem.spares!.filter(
    (name) => problem.devices.some((device) => device.name === name) && !problem.without.includes(name) && busy(name) === 0,
  );
  const used = spares.filter((name) => seating.some(({ device }) => device === name));
  const speeds = problem.devices.map(({ speed }) => speed!).sort((a, b) => a - b);
  const speedOf = (name: string) =>
    problem.devices.find((device) => device.name === name)?.speed ?? speeds[Math.ceil(speeds.length / 2) - 1] ?? 1;
  const work = (stage: SeatedStage) =>
    stage.seats.reduce((sum, { device, computeMs }) => sum + computeMs! * speedOf(device), 0) / stage.seats.length;
  const shares = (stage: SeatedStage) => seating.filter((seat) => seat.stage === stage).reduce((sum, { share }) => sum + share, 0);
  const load = (name: string) =>
    seating
      .filter(({ device }) => device === name)
      .reduce((sum, { stage, share }) => sum + ((share / shares(stage)) * work(stage)) / speedOf(name), 0);
  const loads = problem.devices.map(({ name }) => load(name)).sort((a, b) => b - a);
  const taken = new Set(seating.filter(({ stays }) => !stays).map(({ device }) => device));
  const shared = [...taken].reduce((sum, name) => sum + seating.filter(({ device }) => device === name).length - 1, 0);
  return [-used.length, used.reduce((sum, name) => sum + spares.indexOf(name), 0), loads[0] ?? 0, dropped, shared, ...loads.slice(1)];
}

function better(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) if (Math.abs(value - b[index]!) > 1e-6) return value < b[index]!;
  return false;
}

function seatingOf({ stages }: Reseated, problem: ReseatProblem): Seating {
  return stages.flatMap(({ id, seats }) =>
    seats.map(({ device, share, was }) => ({
      stage: problem.stages.find((stage) => stage.id === id)!,
      device,
      share,
      stays: device === was,
    })),
  );
}

test('of all ways to place who must go, none is better; and it says that there is none only when there is none', (t) => {
  let placed = 0;
  let nowhere = 0;
  fc.assert(
    fc.property(problems, (problem) => {
      const found = reseat(problem);
      const ways = [...everyWay(problem)];
      if (found.kind === 'nowhere') {
        nowhere += 1;
        t.is(ways.length, 0);
        return;
      }
      placed += 1;
      const mine = merits(problem, { seating: seatingOf(found, problem), dropped: found.dropped.length });
      t.true(ways.length > 0);
      for (const way of ways)
        t.false(better(merits(problem, way), mine), `${JSON.stringify(merits(problem, way))} beats ${JSON.stringify(mine)}`);
      t.is(found.bottleneckMs!.toFixed(6), mine[2]!.toFixed(6));
    }),
    { numRuns: 600 },
  );
  t.true(placed > 30 && nowhere > 30, `${placed} placed, ${nowhere} without a place: both must be looked at`);
});

test('the same problem always gets the same answer', (t) => {
  fc.assert(fc.property(problems, (problem) => t.deepEqual(reseat(problem), reseat(structuredClone(problem)))));
});

test('twenty devices, one of which was the home of eight stages: placed well, though not everything can be tried', (t) => {
  const stages = Array.from(
    { length: 8 },
    (_, index): SeatedStage => ({
      id: `s${index}`,
      memoryBytes: 100,
      seats: [{ device: 'lost', share: 1, computeMs: 10 + index }],
    }),
  );
  const devices = Array.from({ length: 19 }, (_, index) => ({
    name: `p${index}`,
    speed: 1 + (index % 3),
    freeBytes: index % 2 === 0 ? 250 : 50,
  }));
  const found = reseat({ stages, devices, without: [] });
  t.is(found.kind, 'reseated');
  if (found.kind !== 'reseated') return;
  // Ten devices have room for two each, three of them of speed 3, three of speed 2, and 17 ms on a typical device are 34 of work. Six devices for
  // eight stages: 20 + 26 and 22 + 24 on two of speed 3 are 15.3 ms, 34 on the third, 32 on one of speed 2 are 16. Nothing is better.
  t.true(found.bottleneckMs! >= 16 && found.bottleneckMs! < 16 * 1.1, `${found.bottleneckMs} ms`);
  for (const { name, freeBytes } of devices)
    t.true(found.stages.filter(({ seats }) => seats[0]!.device === name).length * 100 <= freeBytes);
});
