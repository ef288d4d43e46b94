import test from 'ava';
import { benchValuesOf, checkOptions, runWordsOf } from '../../../controller/cli/task-options.ts';
import type { MeshError } from '../../../mesh/error.ts';
import { read } from '../descriptor/reading.ts';

const model = (options: readonly string[]) => ({ kind: 'model' as const, model: 'lenet', options });

function problems(text: string): string[] {
  try {
    checkOptions(read(text));
    return [];
  } catch (error) {
    const found = error as MeshError;
    return found.code === 'usage' ? found.message.split('\n') : [`${found.code}: ${found.message}`];
  }
}

const descriptor = (args: readonly string[], strategy = 'single_node', more = '') =>
  `[info]\ndescription = "d"\n[hardware]\nstrategy = "${strategy}"\n[ml]\nworkload = "lenet"\nargs = ${JSON.stringify(args)}\n${more}`;

for (const word of [
  'on',
  'nats',
  'mesh',
  'data',
  'json',
  'memory',
  'cpu',
  'cpus',
  'pids',
  'swap',
  'no-limits',
  'timeout',
  'resume',
  'with',
  'env',
  'now',
  'model',
  'refuse',
  'beside-stages',
  'keep',
  'nothing',
]) {
  test(`--${word} is no option of a model's benchmark`, (t) => {
    for (const options of [[`--${word}`], [`--${word}=1`], ['--threads', '1', `--${word}`, '1'], ['--', `--${word}`]])
      t.throws(() => benchValuesOf(model(options)), { code: 'usage' }, options.join(' '));
  });
}

for (const word of ['split', 'on', 'detach', 'at', 'keep', 'json', 'report', 'data', 'nats', 'mesh', 'listen', 'insecure']) {
  test(`--${word} is no option of a pipeline's benchmark`, (t) => {
    for (const options of [[`--${word}`], [`--${word}=1`], ['--', `--${word}`]])
      t.throws(() => runWordsOf(model(options)), { code: 'usage' }, options.join(' '));
  });
}

test('options that say what is computed are taken', (t) => {
  t.like(benchValuesOf(model(['--scenario', 'offline', '--threads=2', '--page-cache', 'cold'])), {
    ...{ model: 'lenet', scenario: 'offline', threads: '2', 'page-cache': 'cold' },
  });
  t.deepEqual(runWordsOf(model(['--frames', '9'])), ['--split', 'lenet', '--frames', '9']);
  t.deepEqual(problems(descriptor(['--duration', '1'])), []);
  t.deepEqual(problems(descriptor(['--mode', 'train', '--epochs', '1']).replace('lenet', 'cnn1d')), []);
  t.deepEqual(problems(descriptor(['--frames', '9'], 'mesh')), []);
});

for (const [what, args] of [
  ['a word that is no option', ['surplus']],
  ['words behind --', ['--', 'surplus']],
  ['-- alone', ['--']],
  ['an option twice', ['--threads', '1', '--threads', '2']],
  ['an option without its value', ['--threads']],
  ['a wrong number', ['--threads', 'many']],
  ['a wrong seed', ['--seed', '-1']],
  ['a wrong mode', ['--mode', 'guess']],
  ['a wrong scenario', ['--scenario', 'nothing']],
  ['a wrong page cache', ['--page-cache', 'hot']],
  ['a load of training', ['--mode', 'train', '--scenario', 'offline']],
  ['the optimization of training', ['--mode', 'train', '--optimization', 'all']],
  ['epochs of inference', ['--epochs', '3']],
  ['a peak of what is not served', ['--find-peak']],
  ['a wrong optimization', ['--optimization', 'some']],
] as const) {
  test(`refused with its line: ${what}`, (t) => {
    const [only, ...others] = problems(descriptor(args));
    t.regex(only ?? '', /^b\.toml:7: ml\.args: /);
    t.deepEqual(others, []);
  });
}

for (const args of [['--output', 'x.npy'], ['--on', 'pi1'], ['--frames', 'x'], ['--'], ['surplus']]) {
  test(`refused of a pipeline: ${args.join(' ')}`, (t) => {
    t.regex(problems(descriptor(args, 'mesh'))[0] ?? '', /^b\.toml:7: ml\.args: /);
  });
}

test('what several combinations have wrong is said once each', (t) => {
  const text = descriptor([], 'single_node', '[sweep]\nthreads = [1, "a", "b"]\nseed = [1, 2]\n').replace(
    'args = []',
    `args = ["--threads", "$\{threads}", "--seed", "$\{seed}"]`,
  );
  const found = problems(text);
  t.is(found.length, 2);
  t.true(found.every((line) => /^b\.toml:7: ml\.args: --threads: "[ab]"/.test(line)));
});
