/** Whatever is written, the answer is a descriptor or a list of lines that say where and what; and lines are the file's. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { parseToml } from '../../../mesh/toml.ts';
import { problemsOf } from './reading.ts';

const folder = new URL('../../../examples/benchmarks/', import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.toml'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** As a sloppy hand would change it: a piece taken out, put elsewhere, or replaced by something of another kind. */
const spoilt = fc
  .tuple(
    fc.constantFrom(...examples),
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(30),
        fc.constantFrom(
          '',
          '1',
          '"x"',
          '[]',
          '{}',
          'true',
          '-1',
          '2026-01-01',
          '99999999999999999999',
          `"\${a}"`,
          '\n',
          '[',
          '"',
          'nan',
          '\0',
          'é',
          `\${`,
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((given, [where, length, other]) => {
      const at = Math.floor(where * given.length);
      return `${given.slice(0, at)}${other}${given.slice(at + length)}`;
    }, text),
  );

/** Names that descriptors have, and such that objects have by themselves. */
const key = fc.constantFrom(
  ...[
    'info',
    'description',
    'labels',
    'scheduling',
    'timezone',
    'hardware',
    'strategy',
    'limits',
    'memory',
    'cpu',
    'env',
    'vars',
    'ml',
    'workload',
    'args',
  ],
  ...[
    'data',
    'sources',
    'src',
    'path',
    'output',
    'metrics',
    'name',
    'pattern',
    'server',
    'start',
    'probe',
    'http',
    'tcp',
    'alerts',
    'rules',
    'metric',
  ],
  ...['above', 'k_sigma', 'sweep', 'from', 'to', 'step', 'factor', 'a', 'constructor', 'toString', '"x\\ny"', 'hasOwnProperty'],
);

/** Well-formed TOML that is any value at all under the names that descriptors have. */
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '1',
      '0',
      '-1.5',
      '"x"',
      '""',
      `"\${a}"`,
      'true',
      '2026-01-01',
      'inf',
      '"1MiB"',
      '9007199254740993',
      '"@daily"',
      '"mesh"',
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((elements) => `[${elements.join(', ')}]`),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }).map(
      (table) =>
        `{ ${Object.entries(table)
          .map(([name, inner]) => `${name} = ${inner}`)
          .join(', ')} }`,
    ),
  ),
})).value;
const shaped = fc.dictionary(key, value, { maxKeys: 8 }).map((table) =>
  Object.entries(table)
    .map(([name, inner]) => `${name} = ${inner}\n`)
    .join(''),
);

const SAID = /^b\.toml:(\d+): [^\n]*[^\s]$/;

test('no text is answered with anything but a descriptor or problems, each in a line of its own with its place', (t) => {
  fc.assert(
    fc.property(fc.oneof(spoilt, shaped, fc.string()), (text) => {
      for (const problem of problemsOf(text)) {
        if (problem.startsWith('b.toml: and ')) continue;
        const [, line] = SAID.exec(problem) ?? [];
        t.true(line !== undefined && Number(line) >= 1 && Number(line) <= text.split('\n').length, problem);
      }
    }),
    { numRuns: 800 },
  );
});

test('lines above shift all lines by as many', (t) => {
  fc.assert(
    fc.property(fc.oneof(spoilt, shaped), fc.integer({ min: 1, max: 9 }), (text, count) => {
      const shift = (problem: string): string => problem.replace(/^b\.toml:(\d+)/, (_, line) => `b.toml:${Number(line) + count}`);
      // What stands nowhere is said at the beginning of the file.
      const isOfFile = (problem: string): boolean => / is missing: /.test(problem) || /too long|characters:/.test(problem);
      const before = problemsOf(text).filter((problem) => !isOfFile(problem));
      const after = problemsOf(`${'\n'.repeat(count)}${text}`).filter((problem) => !isOfFile(problem));
      t.deepEqual(after, before.map(shift));
    }),
    { numRuns: 250 },
  );
});

test('the line that is told is one where the key stands', (t) => {
  fc.assert(
    fc.property(shaped, (text) => {
      const { value: table, lineOf } = parseToml(text, 'b.toml');
      for (const name of Object.keys(table)) t.true(text.split('\n')[lineOf([name]) - 1]!.startsWith(name.includes('\n') ? '"' : name));
    }),
    { numRuns: 200 },
  );
});
