/** Sweeps: values, ranges, their product, and what they are put into. */
import test from 'ava';
import fc from 'fast-check';
import { rangeValues } from '../../../controller/descriptor/range.ts';
import { MeshError } from '../../../mesh/error.ts';
import { model, problemsOf, program, read } from './reading.ts';

const withArgs = (...args: string[]): string => `${program.trimEnd()}\nargs = ${JSON.stringify(args)}\n`;

test('every combination is a descriptor of its own, the last axis fastest', (t) => {
  const { axes, combinations } = read(
    `${withArgs('-t', `\${threads}`, `--mem=\${memory}:\${threads}`)}[hardware.limits]\nmemory = "\${memory}"\ncpu = "\${threads}"\n[sweep]\nthreads = [1, 2]\nmemory = ["64MiB", "1GiB"]\n`,
  );
  t.deepEqual(
    [...axes],
    [
      ['threads', [1, 2]],
      ['memory', ['64MiB', '1GiB']],
    ],
  );
  t.deepEqual(
    combinations.map(({ assignment, descriptor }) => [assignment, descriptor.workload, descriptor.hardware.limits]),
    [
      [1, '64MiB', 2 ** 26],
      [1, '1GiB', 2 ** 30],
      [2, '64MiB', 2 ** 26],
      [2, '1GiB', 2 ** 30],
    ].map(([threads, memory, bytes]) => [
      { threads, memory },
      { kind: 'program', argv: ['true', '-t', `${threads}`, `--mem=${memory}:${threads}`] },
      { memoryLimitBytes: bytes, cpuQuotaCores: threads },
    ]),
  );
});

test('a placeholder may stand for anything but what all combinations have in common', (t) => {
  const text = `[info]\ndescription = "d"\nlabels = { s = "\${s}" }\n[hardware]\nstrategy = "\${s}"\n[ml]\nworkload = "lenet"\n[sweep]\ns = ["inference", "mesh"]\n`;
  t.deepEqual(
    read(text).combinations.map(({ descriptor: { hardware, labels } }) => [hardware.strategy, hardware.count, labels.s]),
    [
      ['inference', 1, 'inference'],
      ['mesh', undefined, 'mesh'],
    ],
  );
  t.deepEqual(problemsOf(text.replace('"d"', `"\${s}"`)), [
    'b.toml:2: info.description: this is the same for all combinations of a sweep: of [info], only labels may have placeholders',
  ]);
});

test('two signs are one, and no placeholder', (t) => {
  t.deepEqual(read(withArgs(`echo $\${HOME} $PATH $`, `$\${x}`)).combinations[0]!.descriptor.workload, {
    kind: 'program',
    argv: ['true', `echo \${HOME} $PATH $`, `\${x}`],
  });
});

const wrong: readonly (readonly [text: string, ...messages: string[]])[] = [
  [`args = ["\${HOME}"]`, `5: ml.args[0]: "\${HOME}" stands for nothing: there is no [sweep]; for the text itself write $\${`],
  [`args = ["\${a"]`, `5: ml.args[0]: a \${ without its }; for the text itself write $\${`],
  [
    `args = ["\${b}", "\${a}"]\n[sweep]\na = [1]`,
    `5: ml.args[0]: "\${b}" stands for nothing: [sweep] has a; for the text itself write $\${`,
  ],
  ['[sweep]\na = [1]', `6: sweep.a: no text says \${a}: nothing would change`],
  [
    `args = ["\${a}"]\nrepeat = 0\n[sweep]\na = []`,
    '6: ml.repeat: expected at least 1, found 0',
    '8: sweep.a: expected at least 1 element, found 0',
  ],
  [
    `args = ["\${a}"]\n[sweep]\na = 3`,
    '7: sweep.a: expected an array of values, or a range such as { from = 1, to = 8, step = 1 }, found 3',
  ],
  [`args = ["\${a}"]\n[sweep]\na = [1, true]`, '7: sweep.a[1]: expected a text in quotes or a number, found true'],
  [`args = ["\${a}"]\n[sweep]\na = [1, 2, 1]`, '7: sweep.a[2]: 1 is there twice'],
  [`args = ["\${a}"]\n[sweep]\na = { from = 1, to = 2, stpe = 1 }`, '7: sweep.a.stpe: this is not a key of [sweep.a]; did you mean step?'],
  [`args = ["\${a}"]\n[sweep]\na = { from = 1, to = 2 }`, '7: sweep.a: a range wants step or factor'],
  [`args = ["\${a}"]\n[sweep]\na = { from = 1, to = 1e9, step = 1 }`, '7: sweep.a: this range has more than 1000 values'],
  [
    `args = ["\${a}"]\n[sweep]\na = { from = 1, to = "2MiB", step = 1 }`,
    '7: sweep.a: a range is of numbers or of amounts of memory, not of both',
  ],
  [
    `args = ["\${a}\${b}"]\n[sweep]\na = { from = 1, to = 40, step = 1 }\nb = { from = 1, to = 40, step = 1 }`,
    '6: sweep: 40 × 40 are 1600 combinations: expected at most 1000',
  ],
  [
    `args = ["\${a}"]\ntimeout = "\${a}"\n[sweep]\na = ["x", 5, 0]`,
    '6: ml.timeout: expected a number, found "x" (with a = "x")',
    '6: ml.timeout: expected more than 0, found 0 (with a = 0)',
  ],
  [
    `repeat = "\${a}"\n[hardware.limits]\npids = "\${b}"\n[env]\nvars = { B = 1 }\n[sweep]\na = [1, 101]\nb = [1, 2]`,
    '5: ml.repeat: expected at most 100, found 101 (with a = 101 and 1 more combination)',
    '9: env.vars.B: expected a text in quotes, found 1',
  ],
  [
    `timeout = "\${a}"\n[sweep]\na = ["p", "q", "r", "s", "t"]`,
    ...['p', 'q', 'r'].map((a) => `5: ml.timeout: expected a number, found "${a}" (with a = "${a}")`),
    '5: ml.timeout: and 2 more such combinations',
  ],
  [
    `[hardware]\nstrategy = "\${s}"\n[sweep]\ns = ["single_node", "mesh"]`,
    '4: ml.workload: strategy mesh runs a model, not a program (with s = "mesh")',
  ],
];
for (const [text, ...messages] of wrong) {
  test(`refused: ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(
      problemsOf(`${program.trimEnd()}\n${text}`),
      messages.map((message) => `b.toml:${message}`),
    );
  });
}

test('what depends on a sweep that is wrong is not spoken of', (t) => {
  t.deepEqual(
    problemsOf(`${model.replace('lenet', `\${m}`)}[hardware]\nstrategy = "\${s}"\nfoo = "\${s}"\n[sweep]\nm = [true]\ns = ["mesh"]`),
    [
      'b.toml:8: hardware.foo: this is not a key of [hardware]: expected one of strategy, name, arch, memory, count, limits',
      'b.toml:10: sweep.m[0]: expected a text in quotes or a number, found true',
    ],
  );
});

test('ranges: both ends, both directions, steps and factors, numbers and memory', (t) => {
  t.deepEqual(rangeValues({ from: 0.1, to: 0.5, step: 0.1 }), [0.1, 0.2, 0.3, 0.4, 0.5]);
  t.deepEqual(rangeValues({ from: 1, to: 8, factor: 2 }), [1, 2, 4, 8]);
  t.deepEqual(rangeValues({ from: 1, to: 10, step: 4 }), [1, 5, 9]);
  t.deepEqual(rangeValues({ from: 3, to: -3, step: 3 }), [3, 0, -3]);
  t.deepEqual(rangeValues({ from: 2, to: 2, step: 5 }), [2]);
  t.deepEqual(rangeValues({ from: '256MiB', to: '64MiB', step: '64MiB' }), ['256MiB', '192MiB', '128MiB', '64MiB']);
  t.deepEqual(rangeValues({ from: '512MiB', to: '2GiB', factor: 2 }), ['512MiB', '1GiB', '2GiB']);
  t.deepEqual(rangeValues({ from: '1.5GiB', to: '2GiB', step: '512MiB' }), ['1536MiB', '2GiB']);
  t.deepEqual(rangeValues({ from: '1MB', to: '2MB', step: '500kB' }), ['1MB', '1500kB', '2MB']);
  for (const range of [
    { from: 1, to: 2, step: 0 },
    { from: 1, to: 2, step: -1 },
    { from: 1, to: 2, factor: 1 },
    { from: 0, to: 2, factor: 2 },
    { from: -1e308, to: 1e308, step: 1e-308 },
    { from: '1MiB', to: '2 parsec', step: '1MiB' },
    { from: 1, to: 2, step: 1, factor: 2 },
  ]) {
    t.is(t.throws(() => rangeValues(range), { instanceOf: MeshError })?.code, 'usage', JSON.stringify(range));
  }
});

test('there are as many combinations as the product says, all different, each of all axes', (t) => {
  const axis = fc.uniqueArray(fc.oneof(fc.integer(), fc.stringMatching(/^[a-z0-9 ]{1,8}$/)), { minLength: 1, maxLength: 5 });
  const axes = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/), axis, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(axes, (written) => {
      fc.pre(!Object.hasOwn(written, '__proto__'));
      const names = Object.keys(written);
      const file = read(
        `${withArgs(...names.map((name) => `\${${name}}`))}[sweep]\n${names.map((name) => `${name} = ${JSON.stringify(written[name])}\n`).join('')}`,
      );
      t.is(
        file.combinations.length,
        names.reduce((product, name) => product * written[name]!.length, 1),
      );
      t.is(new Set(file.combinations.map(({ assignment }) => JSON.stringify(assignment))).size, file.combinations.length);
      for (const { assignment, descriptor } of file.combinations) {
        t.deepEqual(Object.keys(assignment), names);
        t.deepEqual(descriptor.workload, { kind: 'program', argv: ['true', ...names.map((name) => String(assignment[name]))] });
      }
    }),
    { numRuns: 40 },
  );
});
