import test from 'ava';
import { type Nowhere, type Reseated, type ReseatProblem, reseat } from '../../../controller/recovery/reseat.ts';
import type { SeatDevice, SeatedStage } from '../../../controller/recovery/seating.ts';

const MIB = 1024 * 1024;

/** `a: pi1 10ms 100MiB` is a stage; several devices with shares are replicas: `b: pi2*2 pi3*1 10ms`. */
function stageOf(text: string): SeatedStage {
  const [id, rest] = text.split(': ') as [string, string];
  const words = rest.split(' ');
  const number = (unit: string) => words.filter((word) => word.endsWith(unit)).map((word) => Number.parseFloat(word))[0];
  const computeMs = number('ms');
  const memory = number('MiB');
  const seats = words
    .filter((word) => /^p/.test(word))
    .map((word) => ({
      device: word.split('*')[0]!,
      share: Number(word.split('*')[1] ?? 1),
      ...(computeMs === undefined ? {} : { computeMs }),
    }));
  return { id, seats, ...(memory === undefined ? {} : { memoryBytes: memory * MIB }) };
}

/** `pi1 x2 100MiB 50%`: speed, free memory, busy. */
function deviceOf(text: string): SeatDevice {
  const [name, ...words] = text.split(' ') as [string, ...string[]];
  const speed = words.find((word) => word.startsWith('x'));
  const free = words.find((word) => word.endsWith('MiB'));
  const busy = words.find((word) => word.endsWith('%'));
  return {
    name,
    ...(speed === undefined ? {} : { speed: Number(speed.slice(1)) }),
    ...(free === undefined ? {} : { freeBytes: Number.parseFloat(free) * MIB }),
    ...(busy === undefined ? {} : { busy: Number.parseFloat(busy) / 100 }),
  };
}

const problem = (stages: readonly string[], devices: readonly string[], more: Partial<ReseatProblem> = {}): ReseatProblem => ({
  stages: stages.map(stageOf),
  devices: devices.map(deviceOf),
  without: [],
  ...more,
});

/** `a: pi1, b: pi2*2 pi3*1 (dropped b on pi4)`, or the reason. */
function shown(result: Reseated | Nowhere): string {
  if (result.kind === 'nowhere') return result.reason;
  const stages = result.stages.map(
    ({ id, seats }) => `${id} ${seats.map(({ device, share }) => (share === 1 ? device : `${device}*${share}`)).join(' ')}`,
  );
  return [...stages, ...result.dropped.map(({ stage, device }) => `without ${stage} on ${device}`)].join(', ');
}

const chain = ['a: p1 10ms 100MiB', 'b: p2 20ms 200MiB', 'c: p3 5ms 50MiB'];

const cases: readonly (readonly [title: string, problem: ReseatProblem, expected: string])[] = [
  ['nobody is lost: all stay', problem(chain, ['p1', 'p2', 'p3', 'p4']), 'a p1, b p2, c p3'],
  ['a free device takes the place of the lost one', problem(chain, ['p1', 'p3', 'p4']), 'a p1, b p4, c p3'],
  ['of several free devices the fastest', problem(chain, ['p1 x1', 'p3 x1', 'p4 x1', 'p5 x2', 'p6 x1']), 'a p1, b p5, c p3'],
  [
    'of free devices as fast as each other the first, also where another stage is the bottleneck',
    problem(chain, ['p1', 'p2', 'p4', 'p5']),
    'a p1, b p2, c p4',
  ],
  ['the fastest, also where another stage is the bottleneck', problem(chain, ['p1 x1', 'p2 x1', 'p4 x1', 'p5 x2']), 'a p1, b p2, c p5'],
  [
    'a spare before other free devices, even if it is slower',
    problem(chain, ['p1 x1', 'p3 x1', 'p4 x2', 'p5 x1', 'p6 x1'], { spares: ['p6', 'p5'] }),
    'a p1, b p6, c p3',
  ],
  [
    'a spare that is lost, too, is none',
    problem(chain, ['p1', 'p3', 'p4', 'p5', 'p6'], { spares: ['p2', 'p6', 'p5'] }),
    'a p1, b p6, c p3',
  ],
  [
    'a spare that has not the memory is passed over',
    problem(chain, ['p1', 'p3', 'p5', 'p6 100MiB'], { spares: ['p6', 'p5'] }),
    'a p1, b p5, c p3',
  ],
  ['a free device that is busy with other runs is less free', problem(chain, ['p1', 'p3', 'p4 90%', 'p5 20%']), 'a p1, b p5, c p3'],
  ['without free devices the survivor that gives the lowest bottleneck', problem(chain, ['p1', 'p3']), 'a p1, b p3, c p3'],
  [
    'without measurements all stages are as much work',
    problem(['a: p1', 'b: p2', 'c: p1'], ['p1', 'p3'], { without: ['p3'] }),
    'a p1, b p1, c p1',
  ],
  [
    'the least loaded survivor when nothing was measured',
    problem(['a: p1', 'b: p2', 'c: p1', 'd: p3'], ['p1', 'p3']),
    'a p1, b p3, c p1, d p3',
  ],
  ['the survivor that has the memory', problem(chain, ['p1 300MiB', 'p3 100MiB']), 'a p1, b p1, c p3'],
  ['a survivor that is much faster than the free device', problem(chain, ['p1 x10', 'p3 x10', 'p4 x0.1']), 'a p1, b p3, c p3'],
  ['a draining device is left like a lost one', problem(chain, ['p1', 'p2', 'p3', 'p4'], { without: ['p2'] }), 'a p1, b p4, c p3'],
  [
    'two stages of one device: the heavier one to the faster device',
    problem(['a: p1 10ms', 'b: p2 9ms', 'c: p2 20ms'], ['p1 x1', 'p4 x1', 'p5 x2']),
    'a p1, b p4, c p5',
  ],
  [
    'two stages and one free device: the other goes where there is least to do',
    problem(['a: p1 10ms', 'b: p2 9ms', 'c: p2 20ms', 'd: p3 1ms'], ['p1', 'p3', 'p4']),
    'a p1, b p3, c p4, d p3',
  ],
  ['the last device gets everything', problem(chain, ['p3']), 'a p3, b p3, c p3'],
  [
    'a lost replica is replaced by a free device, with its share',
    problem(['a: p1 10ms', 'b: p2*2 p3*1 30ms'], ['p1', 'p3', 'p4']),
    'a p1, b p4*2 p3',
  ],
  [
    'without a free device the turns of a lost replica go to its siblings, though another device had less to do',
    problem(['a: p1 1ms', 'b: p2*2 p3*1 p4*3 30ms'], ['p1', 'p3', 'p4']),
    'a p1, b p3 p4*3, without b on p2',
  ],
  [
    'a free device that is needed for a stage without siblings is not for a replica',
    problem(['a: p1 40ms', 'b: p1 p3 20ms', 'c: p5 39ms'], ['p3', 'p4', 'p5']),
    'a p4, b p3, c p5, without b on p1',
  ],
  [
    'a replica shares its device with nobody: its device is not for a stage that could go elsewhere',
    problem(['a: p1 10ms', 'b: p1 p3 100ms'], ['p3 x1', 'p4 x10']),
    'a p3, b p4 p3',
  ],
  [
    'nor does it go to the device of a stage that had to go there',
    problem(['a: p1 100ms', 'b: p1 p3 60ms'], ['p3 x1', 'p4 x100']),
    'a p4, b p3, without b on p1',
  ],
  [
    'a stage that nobody measured is as much work as the others on average',
    problem(['a: p1 10ms', 'b: p2', 'c: p3 30ms'], ['p3', 'p1']),
    'a p1, b p1, c p3',
  ],
  [
    'a free device so slow that the siblings do better alone is left alone',
    problem(['b: p2 p3 10ms'], ['p3 x1', 'p4 x0.1']),
    'b p3, without b on p2',
  ],
  [
    'a stage that lost all its replicas keeps the one with the largest share',
    problem(['a: p1 10ms', 'b: p2*1 p3*3 30ms'], ['p1']),
    'a p1, b p1*3, without b on p2',
  ],
  [
    'a stage that lost all its replicas gets as many as there are free devices, the larger share where it is faster',
    problem(['a: p1 10ms', 'b: p2*1 p3*3 30ms'], ['p1 x1', 'p4 x1', 'p5 x3']),
    'a p1, b p4 p5*3',
  ],
  ['replicas never sit on the same device', problem(['b: p2 p3 30ms'], ['p4', 'p5 x100']), 'b p4 p5'],
  ['no device is left', problem(chain, ['p1'], { without: ['p1'] }), 'no device is left'],
  [
    'who needs what, when it fits nowhere',
    problem(chain, ['p1 100MiB', 'p3 90MiB']),
    'b needs 200 MiB; p1 has 100 MiB free, p3 has 90.0 MiB free',
  ],
  [
    'who needs what, when it does not fit together',
    problem(['a: p1 10ms 100MiB', 'b: p1 20ms 100MiB', 'c: p3 5ms'], ['p3 150MiB']),
    'b needs 100 MiB and a needs 100 MiB; p3 has 150 MiB free',
  ],
  ['without knowing what a stage needs it is taken to fit', problem(['a: p1', 'b: p2'], ['p2 1MiB']), 'a p2, b p2'],
];

for (const [title, given, expected] of cases) test(title, (t) => t.is(shown(reseat(given)), expected));

test('who stays and who moves is told, with the bottleneck that compute times predict', (t) => {
  t.deepEqual(reseat(problem(chain, ['p1', 'p3', 'p4 x2'])), {
    kind: 'reseated',
    stages: [
      { id: 'a', seats: [{ device: 'p1', share: 1, was: 'p1' }] },
      { id: 'b', seats: [{ device: 'p4', share: 1, was: 'p2' }] },
      { id: 'c', seats: [{ device: 'p3', share: 1, was: 'p3' }] },
    ],
    dropped: [],
    // The only speed that is told is 2, so all are taken to be as fast.
    bottleneckMs: 20,
  });
  t.like(reseat(problem(['a: p1', 'b: p2'], ['p1'])), { bottleneckMs: undefined });
});

test('the busy part of a draining device counts for what was measured there', (t) => {
  // 20 ms on half a device are 10 on a whole one.
  const result = reseat(problem(['a: p1 20ms'], ['p1 50%', 'p2'], { without: ['p1'] }));
  t.like(result, { bottleneckMs: 10 });
});
