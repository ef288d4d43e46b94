import test from 'ava';
import fc from 'fast-check';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { Network } from '../../../../controller/scheduler/dag/network.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';

/** Three processors, a unit of data in a unit of time, edges of 4, 2, 1 and 0 units. */
function problem(contention: string): Problem {
  const one = (diagonal: number | null, rest: number): (number | null)[][] =>
    [0, 1, 2].map((p) => [0, 1, 2].map((q) => (p === q ? diagonal : rest)));
  return problemOf(
    parseInstance(
      JSON.stringify({
        compute: [[1, 1, 1], ...[1, 1, 1, 1].map(() => [1, 1, 1])],
        edges: [
          [0, 1, 4],
          [0, 2, 2],
          [0, 3, 1],
          [0, 4, 0],
        ],
        link: { bandwidth: one(null, 1), latency: one(0, 0.5) },
        contention,
      }),
      'three',
    ),
  );
}

test('a transfer goes into the first gap, or behind everything', (t) => {
  const departures = (placing: 'insertion' | 'append'): readonly number[] => {
    const network = new Network(problem('link'));
    t.is(network.book(0, 0, 1, 8, placing), 12.5, 'four units, and the latency');
    network.book(2, 0, 1, 0, placing);
    network.book(1, 0, 1, 3, placing);
    return [...network.departure.subarray(0, 3)];
  };
  t.deepEqual(departures('insertion'), [8, 3, 0]);
  t.deepEqual(departures('append'), [8, 13, 12]);
});

test('what is taken back is free again', (t) => {
  const network = new Network(problem('interface'));
  network.book(0, 0, 1, 0, 'append');
  network.release(0, 0, 1);
  t.true(Number.isNaN(network.departure[0]));
  t.is(network.book(1, 0, 2, 0, 'append'), 2.5);
});

test('a link holds up what goes the same way, an interface what leaves one processor or comes to one', (t) => {
  const departures = (contention: string, ways: readonly (readonly [number, number, number])[]): readonly number[] => {
    const network = new Network(problem(contention));
    return ways.map(([edge, p, q]) => {
      network.book(edge, p, q, 0, 'insertion');
      return network.departure[edge]!;
    });
  };
  const leaving = [
    [0, 0, 1],
    [1, 0, 2],
  ] as const;
  const coming = [
    [0, 0, 1],
    [1, 2, 1],
  ] as const;
  const back = [
    [0, 0, 1],
    [1, 1, 0],
  ] as const;
  t.deepEqual(
    [leaving, coming, back].map((ways) => departures('link', ways)[1]),
    [0, 0, 0],
  );
  t.deepEqual(
    [leaving, coming, back].map((ways) => departures('interface', ways)[1]),
    [4, 4, 0],
  );
  const same = [
    [0, 0, 1],
    [1, 0, 1],
    [3, 0, 1],
  ] as const;
  t.deepEqual(departures('link', same), [0, 4, 0], 'what has no data occupies nothing');
});

test('whatever is booked and taken back, nothing overlaps and nothing is earlier than it may be', (t) => {
  const edges = Array.from({ length: 12 }, (_, at) => [0, at + 1, (at * 5) % 7] as const);
  const compute = [[1, 1, 1], ...edges.map(() => [1, 1, 1])];
  const bandwidth = [0, 1, 2].map((p) => [0, 1, 2].map((q) => (p === q ? null : 1)));
  fc.assert(
    fc.property(
      fc.constantFrom('link', 'interface'),
      fc.array(fc.tuple(fc.nat(11), fc.nat(2), fc.nat(1), fc.nat(20), fc.boolean()), { maxLength: 40 }),
      (contention, steps) => {
        const of = problemOf(parseInstance(JSON.stringify({ compute, edges, link: { bandwidth }, contention }), 'many'));
        const network = new Network(of);
        const booked = new Map<number, { readonly p: number; readonly q: number }>();
        for (const [edge, p, other, ready, isInsertion] of steps) {
          const q = (p + 1 + other) % 3;
          const was = booked.get(edge);
          if (was !== undefined) {
            network.release(edge, was.p, was.q);
            booked.delete(edge);
            continue;
          }
          network.book(edge, p, q, ready, isInsertion ? 'insertion' : 'append');
          booked.set(edge, { p, q });
          if (network.departure[edge]! < ready) throw new Error('too early');
          const ends = (each: number): number => network.departure[each]! + edges[each]![2];
          for (const [one, a] of booked) {
            for (const [two, b] of booked) {
              const together = contention === 'link' ? a.p === b.p && a.q === b.q : a.p === b.p || a.q === b.q;
              if (one >= two || !together || edges[one]![2] * edges[two]![2] === 0) continue;
              if (network.departure[one]! < ends(two) && network.departure[two]! < ends(one)) throw new Error(`${one} and ${two} overlap`);
            }
          }
        }
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('HEFT knows that transfers hinder each other', (t) => {
  // Two inputs from elsewhere: one after the other into the processor they share.
  const instance = (contention: string): Problem =>
    problemOf(
      parseInstance(
        JSON.stringify({
          compute: [
            [1, 99, 99],
            [99, 1, 99],
            [99, 99, 1],
          ],
          edges: [
            [0, 2, 10],
            [1, 2, 10],
          ],
          link: { bandwidth: [0, 1, 2].map((p) => [0, 1, 2].map((q) => (p === q ? null : 1))) },
          contention,
        }),
        'join',
      ),
    );
  t.deepEqual(
    ['none', 'link', 'interface'].map((contention) => heft(instance(contention)).makespan),
    [12, 12, 22],
  );
});
