import test from 'ava';
import { LinkTimes } from '../../../controller/run/link-times.ts';
import { misfit, stageNeeds } from '../../../controller/run/stage-needs.ts';
import { substitute } from '../../../controller/run/substitute.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import type { Plan } from '../../../partition/plan.ts';

const MiB = 2 ** 20;
const spec = (name: string) => ({ name, dtype: 'uint8', dims: [MiB] }) as const;
const model = (mebibytes: number) => ({ model: { sha256: new Uint8Array(32), bytes: mebibytes * MiB }, externalData: {} });

const plan: Plan = {
  epoch: 1n,
  stages: [
    { id: 'stage1', device: 'pa', layers: '1', inputs: [spec('x')], outputs: [spec('h')] },
    { id: 'stage2', device: 'pb', layers: '2', inputs: [spec('h')], outputs: [spec('g')] },
    { id: 'stage3', device: 'pa', layers: '3', inputs: [spec('g')], outputs: [spec('y')] },
  ],
  routes: [
    { from: 'source', to: 'stage1', tensors: ['x'], codec: 'none' },
    { from: 'stage1', to: 'stage2', tensors: ['h'], codec: 'none' },
    { from: 'stage2', to: 'stage3', tensors: ['g'], codec: 'none' },
    { from: 'stage3', to: 'sink', tensors: ['y'], codec: 'none' },
  ],
};
const models = new Map([
  ['stage1', model(10)],
  ['stage2', model(20)],
  ['stage3', model(30)],
]);
const bytesOf = (id: string): number => stageNeeds(plan, plan.stages.find((stage) => stage.id === id)!, models).bytes;
const onA = bytesOf('stage1') + bytesOf('stage3');

test('a stage needs its weights, a process and what its window lets in', (t) => {
  const window = bytesOf('stage1') - 10 * MiB - STAGE_PROCESS_BYTES;
  t.true(window >= MiB, `${window}`);
  t.is(window % MiB, 0);
  t.is(bytesOf('stage3') - bytesOf('stage1'), 20 * MiB);
});

test('a plan fits to the last byte, and a device that says nothing is taken to have enough', (t) => {
  const room = (left: number) => new Map([['pa', { totalBytes: left + 5, reservedBytes: 5 }]]);
  t.is(misfit({ plan, models }, 'm', room(onA)), undefined);
  t.is(misfit({ plan, models }, 'm', new Map()), undefined);
  t.is(misfit({ plan, models }, 'm', room(onA - 1))?.code, 'exhausted');
});

test('every device that is too small is named, with what it needs, what it has, and who holds the rest', (t) => {
  const rooms = new Map([
    ['pa', { totalBytes: 150 * MiB, reservedBytes: 64 * MiB }],
    ['pb', { totalBytes: 64 * MiB, reservedBytes: 0 }],
  ]);
  const error = misfit({ plan, models }, 'resnet', rooms)!;
  t.regex(
    error.message,
    /^resnet does not fit: pa needs .+ \(stage1 .+, stage3 .+\) and has .+ of .+ left; stages that are there hold .+; pb needs .+ \(stage2: weights .+, process .+, window .+\) and has .+ left$/,
  );
  t.truthy(error.hint);
  t.notRegex(misfit({ plan, models }, 'resnet', new Map([...rooms].slice(0, 1)))!.message, /pb/);
});

test('what has no room is nowhere to go on: by the same reckoning', (t) => {
  const request = {
    planned: { plan, models },
    epoch: 2n,
    spares: [],
    without: new Set(['pb']),
    avoid: () => false,
    computeMs: new Map(),
    slowness: new Map(),
    links: new LinkTimes(() => 0),
  };
  const seats = (freeBytes: number) =>
    [{ name: 'pa' }, { name: 'pc', freeBytes }].map((seat) => (seat.name === 'pa' ? { ...seat, freeBytes: 0 } : seat));
  const found = substitute(request, seats(bytesOf('stage2')));
  t.is(typeof found === 'string' ? found : found.plan.stages[1]!.device, 'pc');
  t.regex(String(substitute(request, seats(bytesOf('stage2') - 1))), /^stage2 needs .+; pa has 0 B free, pc has .+ free$/);
});
