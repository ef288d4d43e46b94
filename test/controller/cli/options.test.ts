import test from 'ava';
import { needed, oneOf, parseOptions, positiveNumber, wholeNumber } from '../../../controller/cli/options.ts';
import { parseRunOptions, runHelp } from '../../../controller/cli/run-options.ts';
import type { MeshError } from '../../../mesh/error.ts';

const kinds = { frames: 'text', json: 'flag' } as const;

test('options are given with a space or an equals sign, words are left over', (t) => {
  t.deepEqual({ ...parseOptions('run', ['--frames', '5', '--json', 'word'], kinds, 1).values }, { frames: '5', json: true });
  t.is(parseOptions('run', ['--frames=5'], kinds, 0).values.frames, '5');
  t.deepEqual(parseOptions('run', ['word'], kinds, 1).positionals, ['word']);
});

const wrong: [string, string[], RegExp, RegExp][] = [
  ['an unknown option', ['--frmes', '5'], /no option --frmes/, /did you mean --frames\?/],
  ['an unknown option that is like nothing', ['--zzzzzz'], /no option --zzzzzz/, /--help lists/],
  ['a flag with a value', ['--json=1'], /--json takes no value/, /--help/],
  ['an option without a value', ['--frames'], /--frames needs a value/, /--help/],
  ['an option with an empty value', ['--frames='], /--frames needs a value/, /--help/],
  ['an option given twice', ['--frames', '1', '--frames', '2'], /given twice/, /--help/],
  ['a word too many', ['word'], /"word" was not expected/, /--help/],
];
for (const [title, argv, message, hint] of wrong) {
  test(`${title} is a usage error with a hint`, (t) => {
    const error = t.throws(() => parseOptions('run', argv, kinds, 0), { message }) as MeshError;
    t.is(error.code, 'usage');
    t.regex(error.hint ?? '', hint);
  });
}

test('numbers are whole, positive and really numbers', (t) => {
  t.is(wholeNumber('--frames', '12', 1), 12);
  for (const text of ['0', '-1', '1.5', 'abc', '', '1e3', '99999999999999999999']) {
    t.throws(() => wholeNumber('--frames', text, 1), { message: /--frames: .* is not a whole number of at least 1$/ });
    t.throws(() => wholeNumber('--window', text, 1, 'auto'), { message: /--window: .* is not a whole number of at least 1, auto$/ });
  }
  t.is(positiveNumber('--rate', '0.5'), 0.5);
  for (const text of ['0', '-3', 'fast', 'Infinity', ' ']) t.throws(() => positiveNumber('--rate', text), { code: 'usage' });
  t.throws(() => oneOf('--codec', 'zip', ['none', 'lz4']), { message: '--codec: "zip" is not one of none, lz4' });
  t.throws(() => needed(undefined, 'the run', 'controller show RUN'), { code: 'usage' });
});

test('the options of run have the defaults that its help promises', (t) => {
  t.like(parseRunOptions(['--split', 'resnet@layer12']), {
    split: 'resnet@layer12',
    on: [],
    frames: undefined,
    seed: 1,
    window: 'auto',
    codecs: { codec: 'auto', budget: undefined, shadowEvery: 20, objective: 'throughput' },
    verify: 3,
    json: false,
  });
  t.like(parseRunOptions(['--split', 'm', '--verify', 'all', '--window', '4', '--on', 'a,b']), {
    verify: 'all',
    window: 4,
    on: ['a', 'b'],
  });
  t.is(parseRunOptions(['--split', 'm', '--verify', 'off']).verify, 0);
  t.is(parseRunOptions(['--split', 'm', '--rate', '9']).dropping, undefined);
  t.deepEqual(parseRunOptions(['--split', 'm', '--rate', '9', '--drop', 'oldest']).dropping, { policy: 'oldest', deadlineMs: 1000 });
  t.like(parseRunOptions(['--split', 'm', '--rate', '9', '--drop', 'newest', '--deadline', '40']), { dropping: { deadlineMs: 40 } });
});

test('every option of run is in its help', (t) => {
  for (const name of 'split plan on threads frames input seed output rate drop deadline window codec verify json report data nats mesh listen insecure'.split(
    ' ',
  )) {
    t.true(runHelp.includes(`--${name}`), name);
  }
});

const wrongRuns: [string[], RegExp][] = [
  [[], /--split is missing/],
  [['--split', 'm', '--frames', '0'], /--frames: "0"/],
  [['--split', 'm', '--seed', '4294967296'], /--seed: 4294967296 is larger/],
  [['--split', 'm', '--on', 'a,,b'], /empty name/],
  [['--split', 'm', '--window', 'big'], /--window: "big"/],
  [['--split', 'm', '--verify', 'some'], /--verify: "some"/],
  [['--split', 'm', '--drop', 'oldest'], /--rate is missing/],
  [['--split', 'm', '--rate', '9', '--drop', 'some'], /--drop: "some" is not one of oldest, newest/],
  [['--split', 'm', '--rate', '9', '--deadline', '9'], /before --drop drops it, which is missing/],
  [['--split', 'm', '--rate', '9', '--drop', 'newest', '--deadline', '0'], /--deadline: "0"/],
  [['--split', 'm', '--rate', '9', '--drop', 'newest', '--error-budget', 'top1>=99%'], /can not be used with --error-budget/],
];
for (const [argv, message] of wrongRuns) {
  test(`controller run ${argv.join(' ')} is a usage error`, (t) => {
    t.throws(() => parseRunOptions(argv), { message, code: 'usage' });
  });
}
