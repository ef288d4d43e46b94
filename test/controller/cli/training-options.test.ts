import test from 'ava';
import { parseOptions } from '../../../controller/cli/options.ts';
import { parseSweeps, sweepKinds } from '../../../controller/cli/sweep-options.ts';
import { parseTraining, trainingKinds } from '../../../controller/cli/training-options.ts';

const parse = (line: string) =>
  parseTraining(
    'cnn1d',
    parseOptions(
      'bench run',
      line.split(' ').filter((each) => each !== ''),
      { ...trainingKinds, seed: 'text', threads: 'text' },
      0,
    ).values,
    {
      epochs: 12,
    },
  );
const sweeps = (line: string) => parseSweeps(parseOptions('bench sweep', line.split(' '), sweepKinds, 0).values);

test('what nobody says', (t) => {
  t.deepEqual(parse(''), {
    ...{ model: 'cnn1d', dataSet: 'synthetic-bearing', dataFolder: undefined, normalization: 'mean-std', split: 'random', augment: true },
    ...{ batch: 64, optimizer: { kind: 'adam', weightDecay: 1e-5 }, learningRate: 3e-3, schedule: { kind: 'fix' } },
    ...{ epochs: 12, middleEpochs: 5, sparsity: 0.05, seed: 0, threads: 0 },
  });
});

for (const [line, expected] of [
  ['--split ordered+augmented --normalize 0-1', { split: 'ordered', augment: true, normalization: '0-1' }],
  ['--split random --normalize 1-1', { split: 'random', augment: false, normalization: '1-1' }],
  ['--optimizer sgd', { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-5 } }],
  ['--optimizer sgd --momentum 0 --weight-decay 0', { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } }],
  ['--lr-schedule step', { schedule: { kind: 'step', gamma: 0.1, steps: [9] } }],
  ['--lr-schedule step --steps 10,20 --gamma 0.5', { schedule: { kind: 'step', gamma: 0.5, steps: [10, 20] } }],
  ['--lr-schedule stepLR --steps 4', { schedule: { kind: 'stepLR', gamma: 0.1, every: 4 } }],
  ['--lr-schedule exp --gamma 0.9', { schedule: { kind: 'exp', gamma: 0.9 } }],
  ['--epochs 7', { epochs: 7, middleEpochs: 5 }],
  ['--epochs 3', { epochs: 3, middleEpochs: 3 }],
  ['--epochs 7 --middle-epochs 0', { epochs: 7, middleEpochs: 0 }],
] as const) {
  test(`training with ${line}`, (t) => {
    t.like(parse(line), expected as never);
  });
}

for (const [line, message] of [
  ['--lr-schedule exp --steps 4', /--steps says nothing with --lr-schedule exp/],
  ['--gamma 0.5', /--gamma says nothing with --lr-schedule fix/],
  ['--lr-schedule stepLR --steps 4,5', /"4,5" is not a whole number/],
  ['--epochs 0', /--epochs: "0"/],
  ['--epochs 5001', /5001 epochs are more than 5000/],
  ['--momentum 0.5', /--momentum is for --optimizer sgd/],
  ['--optimizer sgd --momentum 1', /"1" is not below 1/],
  ['--weight-decay -1', /"-1" is not a number of at least 0/],
  ['--lr 0', /--lr: "0" is not a number above 0/],
  ['--normalize 0-2', /"0-2" is not one of 0-1, 1-1, mean-std/],
  ['--data-set cwr', /there is no data set "cwr"/],
] as const) {
  test(`training is not possible with ${line}`, (t) => {
    t.throws(() => parse(line), { message });
  });
}

const LIMIT = '--limit memory --from 128MiB --to 64MiB --step 64MiB';

test('several models and modes are a sweep each, training before inference of its best model', (t) => {
  const plans = sweeps(`--model lenet1d,mlp1d --mode infer,train --epochs 2 --duration 1 ${LIMIT}`);
  t.deepEqual(
    plans.map(({ spec, ofBest }) => [spec.workload.model, spec.workload.mode, ofBest]),
    [
      ['lenet1d', 'train', false],
      ['lenet1d', 'infer', true],
      ['mlp1d', 'train', false],
      ['mlp1d', 'infer', true],
    ],
  );
  t.is(sweeps(`--model vibration --mode train ${LIMIT}`).length, 8);
  t.like(sweeps(`--model resnet18 ${LIMIT}`)[0], { ofBest: false, spec: { workload: { mode: 'infer', model: 'resnet18' } } } as never);
});

for (const [line, message] of [
  [`--model a,a ${LIMIT}`, /--model names one twice/],
  [`--model a --mode train,train ${LIMIT}`, /--mode names one twice/],
  [`--model a --mode learn ${LIMIT}`, /"learn" is not one of infer, train/],
  [`--model a --mode train --duration 3 ${LIMIT}`, /--duration is for --mode infer/],
  [`--model a --epochs 3 ${LIMIT}`, /--epochs is for --mode train/],
] as const) {
  test(`controller bench sweep ${line}`, (t) => {
    t.throws(() => sweeps(line), { code: 'usage', message });
  });
}
