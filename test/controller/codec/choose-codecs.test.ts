import test from 'ava';
import fc from 'fast-check';
import { type CodecProblem, chooseCodecs, costsOf, measure } from '../../../controller/codec/choose-codecs.ts';

const none = { codec: 'none', wireBytes: 1000, encodeUs: 0, decodeUs: 0 };
const small = { codec: 'small', wireBytes: 250, encodeUs: 40, decodeUs: 20 };

function chain(perUs: number, computeUs: number, cores = 1): CodecProblem {
  return {
    objective: 'throughput',
    routes: [{ producer: 'a', consumer: 'b', share: 1, options: [none, small] }],
    devices: new Map([
      ['a', { cores, computeUs, threads: 1 }],
      ['b', { cores, computeUs, threads: 1 }],
    ]),
    bandwidth: () => perUs,
  };
}

test('a codec is used where the link is what frames wait for, and nowhere else', (t) => {
  t.deepEqual(chooseCodecs(chain(10, 200)), [0], 'the link takes 100, computing 200');
  t.deepEqual(chooseCodecs(chain(1, 200)), [1], 'the link takes 1000 without a codec, 250 with it');
  t.deepEqual(chooseCodecs(chain(5, 225)), [0], 'encoding beside computing on one core takes longer than what it saves');
  t.deepEqual(chooseCodecs(chain(5, 225, 2)), [1], 'two cores do both at once');
});

test('links have room, when that costs nothing else', (t) => {
  t.deepEqual(chooseCodecs(chain(4.6, 220, 2)), [1], 'the link would be as busy as the devices');
});

test('for latency a codec is used where encode, send and decode are faster than sending', (t) => {
  t.deepEqual(chooseCodecs({ ...chain(10, 2000), objective: 'latency' }), [1], '100 or 85');
  t.deepEqual(chooseCodecs({ ...chain(20, 2000), objective: 'latency' }), [0], '50 or 72.5');
});

test('routes between the same devices share their link', (t) => {
  const problem = chain(4, 300, 2);
  const two = { ...problem, routes: [problem.routes[0]!, problem.routes[0]!] };
  t.is(costsOf(two, [0, 0]).periodUs, 500);
  t.is(costsOf(two, [0, 0]).limit, 'a → b');
  t.is(costsOf(two, [0, 1]).periodUs, 312.5);
  const chosen = chooseCodecs(two);
  t.is(costsOf(two, chosen).periodUs, 300, 'both have to be encoded');
});

const option = fc.record({
  wireBytes: fc.integer({ min: 1, max: 1000 }),
  encodeUs: fc.integer({ min: 0, max: 200 }),
  decodeUs: fc.integer({ min: 0, max: 200 }),
});
const devices = ['a', 'b', 'c'];

function problemArbitrary(routesMax: number, optionsMax: number): fc.Arbitrary<CodecProblem> {
  const route = fc.record({
    producer: fc.constantFrom(...devices),
    consumer: fc.constantFrom(...devices),
    share: fc.constantFrom(1, 0.5),
    options: fc
      .array(option, { minLength: 0, maxLength: optionsMax - 1 })
      .map((others) => [{ wireBytes: 1000, encodeUs: 0, decodeUs: 0 }, ...others].map((each, index) => ({ ...each, codec: `c${index}` }))),
  });
  return fc
    .record({
      objective: fc.constantFrom<CodecProblem['objective']>('throughput', 'latency'),
      routes: fc.array(route, { minLength: 1, maxLength: routesMax }),
      computeUs: fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 3, maxLength: 3 }),
      cores: fc.constantFrom(1, 2, 4),
      perUs: fc.constantFrom(0.5, 2, 10, 100),
    })
    .map(({ computeUs, cores, perUs, ...rest }) => ({
      ...rest,
      devices: new Map(devices.map((device, index) => [device, { cores, computeUs: computeUs[index]!, threads: 1 }])),
      bandwidth: () => perUs,
    }));
}

test('no assignment is more than a tie better than the chosen one', (t) => {
  fc.assert(
    fc.property(problemArbitrary(3, 4), (problem) => {
      const value = (assignment: readonly number[]): number => measure(problem, costsOf(problem, assignment));
      const chosen = value(chooseCodecs(problem));
      const all = problem.routes.reduce<number[][]>(
        (made, { options }) => made.flatMap((start) => options.map((_, index) => [...start, index])),
        [[]],
      );
      return all.every((other) => chosen <= value(other) * 1.02 + 1e-9);
    }),
  );
  t.pass();
});

test('with many routes the choice is at least as good as sending everything as it is', (t) => {
  fc.assert(
    fc.property(problemArbitrary(12, 6), (problem) => {
      const value = (assignment: readonly number[]): number => measure(problem, costsOf(problem, assignment));
      return value(chooseCodecs(problem)) <= value(problem.routes.map(() => 0)) * 1.02 + 1e-9;
    }),
  );
  t.pass();
});

test('with many routes, too, nothing is encoded where no link is what frames wait for, and only there where one is', (t) => {
  const options = [
    none,
    small,
    ...Array.from({ length: 8 }, (_, index) => ({ codec: `c${index}`, wireBytes: 100 + index, encodeUs: 50, decodeUs: 50 })),
  ];
  const route = (producer: string, consumer: string) => ({ producer, consumer, share: 1, options });
  const routes = [route('a', 'b'), route('b', 'c'), route('c', 'd'), route('d', 'e')];
  const work = ['a', 'b', 'c', 'd', 'e'].map((device) => [device, { cores: 4, computeUs: 500, threads: 1 }] as const);
  const problem = { objective: 'throughput' as const, routes, devices: new Map(work) };
  t.deepEqual(chooseCodecs({ ...problem, bandwidth: () => 5 }), [0, 0, 0, 0], 'links take 200, computing 500');
  t.deepEqual(chooseCodecs({ ...problem, bandwidth: (producer) => (producer === 'b' ? 1 : 5) }), [0, 1, 0, 0], 'one takes 1000');
});
