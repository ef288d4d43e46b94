/** Trainings on a real agent: they learn, and one that was stopped or killed goes on as if nothing had happened. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { EpochFigures } from '../../mesh/training/figures.ts';
import { listProcesses } from '../helpers/proc.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, { agents: [{ name: 'lab' }] });
/** Small, and with everything that could differ after a pause: orders of examples, augmentation, Adam's memory. */
const QUICK = ['--mode', 'train', '--model', 'lenet1d', '--batch', '32', '--threads', '1', '--seed', '3'];

function train(...args: readonly string[]): string[] {
  return ['bench', 'run', '--on', 'lab', '--data', join(shared.mesh.folder, 'data'), '--json', ...args];
}

async function trained(...args: readonly string[]): Promise<{ record: BenchRecord; stderr: string; best: string }> {
  const { stdout, stderr, json } = await shared.mesh.runController(train(...args));
  if (stdout === '') throw new Error(`no record: ${stderr}`);
  return { record: json() as BenchRecord, stderr, best: /best model so far: (\S+)/.exec(stderr)?.[1] ?? '' };
}

/** All that is not time. */
function losses({ record }: { readonly record: BenchRecord }): unknown[] {
  return record.training!.epochs.map(({ stage, epoch, learningRate, train: t, validation, steps }: EpochFigures) => ({
    ...{ stage, epoch, learningRate, train: t, validation, steps },
  }));
}

/** Of the training the controller talks about in what it says. */
function nameIn(stderr: string): string {
  return /--resume (\S+)/.exec(stderr)![1]!;
}

test.serial('a training: each epoch with its figures, the best of them as a model that infers, nothing left on the device', async (t) => {
  const { mesh } = shared;
  const { record, best, stderr } = await trained(...QUICK, '--epochs', '3', '--lr-schedule', 'exp', '--gamma', '0.5');
  t.deepEqual(record.outcome, { kind: 'ok' });
  const { epochs, bestEpoch, batch, trainExamples, validationExamples } = record.training!;
  t.deepEqual([batch, trainExamples, validationExamples], [32, 800, 200]);
  t.deepEqual(
    epochs.map(({ stage, epoch, learningRate, steps }) => [stage, epoch, learningRate, steps]),
    [3e-3, 1.5e-3, 7.5e-4].map((rate, index) => ['classify', index + 1, rate, 25]),
  );
  t.true(epochs[2]!.train.loss < epochs[0]!.train.loss && epochs[2]!.validation.loss < epochs[0]!.validation.loss);
  t.is(
    bestEpoch,
    epochs.findIndex(({ validation }) => validation.accuracy === Math.max(...epochs.map((e) => e.validation.accuracy!))),
  );
  t.true(epochs.every(({ stepsMs, batchesMs, validateMs, checkpointMs }) => Math.min(stepsMs, batchesMs, validateMs, checkpointMs!) > 0));
  t.regex(stderr, /classify 3: loss .* right; validation /);
  const infers = await mesh.runController(['bench', 'run', '--on', 'lab', '--model', best, '--duration', '0.1', '--queries', '4']);
  t.is(infers.code, 0, infers.stderr);
  const { stdout: files } = await mesh.runController(['ls', 'lab']);
  t.notRegex(files, /training\//);
  t.deepEqual(await readdir(join(mesh.agent('lab').dataFolder, 'training')).catch(() => []), []);
});

test.serial('an auto-encoder first learns to reconstruct, then to classify', async (t) => {
  const { record } = await trained(
    '--mode',
    'train',
    '--model',
    'sae1d',
    '--epochs',
    '1',
    '--middle-epochs',
    '1',
    '--split',
    'ordered+augmented',
  );
  t.deepEqual(
    record.training!.epochs.map(({ stage, train: { accuracy }, validation }) => [
      stage,
      accuracy === undefined,
      validation.accuracy === undefined,
    ]),
    [
      ['reconstruct', true, true],
      ['classify', false, false],
    ],
  );
  t.is(record.training!.bestEpoch, 1);
});

test.serial(
  'stopped by Ctrl-C, then by the death of its process and of its agent, it ends with the losses of one that nobody disturbed',
  async (t) => {
    const { mesh } = shared;
    const EPOCHS = ['--epochs', '7'];
    const undisturbed = await trained(...QUICK, ...EPOCHS);

    const first = mesh.startController(train(...QUICK, ...EPOCHS));
    await waitUntil('an epoch is behind', () => first.stderr.text.includes('classify 1:'), 60_000);
    first.signal('SIGINT');
    await first.exit;
    const name = nameIn(first.stderr.text);
    t.true(existsSync(join(mesh.folder, 'data/trainings', name, 'last.safetensors')), first.stderr.text);

    const second = mesh.startController(train('--resume', name));
    await waitUntil('three epochs are behind', () => second.stderr.text.includes('classify 3:'), 60_000);
    const [child] = listProcesses().filter(({ command }) => command.includes('stage/bench/main'));
    process.kill(child!.pid, 'SIGKILL');
    await second.exit;
    t.regex(second.stderr.text, /goes on after [1-9] epochs?/);
    t.like(JSON.parse(second.stdout.text), { outcome: { kind: 'crashed', signal: 'SIGKILL' } });

    const third = mesh.startController(train('--resume', name));
    await waitUntil('five epochs are behind', () => third.stderr.text.includes('classify 5:'), 60_000);
    await mesh.agent('lab').process.kill();
    await third.exit;
    t.regex(third.stderr.text, /are still on lab/);
    await mesh.agent('lab').start();

    const resumed = await trained('--resume', name);
    t.true(resumed.record.training!.resumedAt >= 5);
    t.deepEqual(losses(resumed), losses(undisturbed));
    t.is(resumed.record.training!.bestEpoch, undisturbed.record.training!.bestEpoch);
    const again = await mesh.runController(train('--resume', name));
    t.is(again.code, 2);
    t.regex(again.stderr, /is complete/);
  },
);

test.serial('what can not be trained is said before anything is trained, and leaves nothing', async (t) => {
  const { mesh } = shared;
  for (const [args, message] of [
    [['--data-set', 'cwru', '--data-folder', mesh.folder], /97\.mat/],
    [['--data-set', 'cwr'], /no data set "cwr".*\n.*cwru/],
    [['--split', 'ordered'], /--split: "ordered" is not one of/],
    [['--optimizer', 'adam', '--momentum', '0.9'], /--momentum is for/],
    [['--scenario', 'offline'], /--scenario is not for training/],
  ] as const) {
    const { code, stderr } = await mesh.runController(train(...QUICK, ...args));
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  }
  for (const [args, message] of [
    [['--model', 'gpt-tiny'], /can't be trained as a classifier/],
    [['--model', 'mlp1d', '--batch', '900'], /800 windows to train with, fewer than a batch of 900/],
  ] as const) {
    const { code, stderr } = await mesh.runController(train('--mode', 'train', ...args));
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  }
  const { code, stderr } = await mesh.runController(train('--resume', 'nothing'));
  t.is(code, 2);
  t.regex(stderr, /no training "nothing"/);
});

test.serial('a loss that is no number ends the training with the reason', async (t) => {
  const { record } = await trained(...QUICK, '--epochs', '2', '--optimizer', 'sgd', '--lr', '1e9');
  t.is(record.outcome.kind, 'crashed');
  t.regex(record.lastWords, /the loss is .* it diverges; try a smaller learning rate/);
});

test.serial('a controller that is killed without a mesh loses no epoch that was completed', async (t) => {
  const { mesh } = shared;
  const data = join(mesh.folder, 'alone');
  const alone = (...args: readonly string[]): string[] => ['bench', 'run', '--data', data, '--json', ...args];
  const env = { NATS_URL: undefined };
  const first = mesh.startController(alone(...QUICK, '--epochs', '5'), { env });
  await waitUntil('two epochs are behind', () => first.stderr.text.includes('classify 2:'), 60_000);
  await first.kill();
  const [name] = await readdir(join(data, 'trainings'));
  await waitUntil('its agent is gone', () => listProcesses().every(({ command }) => !command.includes(name!)), 20_000);
  const resumed = await mesh.runController(alone('--resume', 'last'), { env });
  t.is(resumed.code, 0, resumed.stderr);
  t.true((resumed.json() as BenchRecord).training!.resumedAt >= 2);
  t.false(existsSync(join(data, 'trainings', name!, 'agent')));
});
