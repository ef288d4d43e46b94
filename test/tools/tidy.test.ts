import test from 'ava';
import { rules } from '../../tools/tidy-rules.ts';

const problems = (path: string, text: string) =>
  rules.flatMap((rule) => rule({ path, text }).map(({ line, message }) => `${line}: ${message}`));

const opening = '/**\n * One idea.\n */\n';

const rejects = test.macro({
  title: (name) => `rejects ${name}`,
  exec(t, path: string, text: string, expected: RegExp) {
    const found = problems(path, text);
    t.is(found.length, 1, found.join('\n'));
    t.regex(found[0]!, expected);
  },
});

const accepts = test.macro({
  title: (name) => `accepts ${name}`,
  exec(t, path: string, text: string) {
    t.deepEqual(problems(path, text), []);
  },
});

test(
  'the environment in a library file',
  rejects,
  'mesh/name.ts',
  `${opening}export const name = process.env.NAME;\n`,
  /^4: process\.env outside of a main\.ts/,
);
test('the arguments in a library file', rejects, 'agent/x.ts', `${opening}export const a = process.argv;\n`, /^4: process\.argv/);
test(
  'the wall clock in a library file',
  rejects,
  'controller/run/x.ts',
  `${opening}\nexport const at = () => Date.now();\n`,
  /^5: Date\.now/,
);
test(
  'the monotonic clock in a library file',
  rejects,
  'partition/x.ts',
  `${opening}export const at = () => performance.now();\n`,
  /performance\.now/,
);
test('a date made of the wall clock', rejects, 'mesh/x.ts', `${opening}export const at = () => new Date();\n`, /new Date\(\)/);
test('the clock in main.ts', accepts, 'agent/main.ts', `${opening}export const at = () => Date.now();\n`);
test('a date made of a given time', accepts, 'mesh/x.ts', `${opening}export const at = (ms: number) => new Date(ms);\n`);
test('a clock that is only mentioned in a comment', accepts, 'mesh/x.ts', `${opening}// not Date.now()\nexport const at = 1;\n`);
test('the clock in a tool', accepts, 'bench/x.ts', 'console.log(performance.now());\n');

test('a file without an opening comment', rejects, 'mesh/x.ts', 'export const a = 1;\n', /^1: opens without a comment/);
test('a file of too many lines', rejects, 'test/mesh/x.ts', '// line\n'.repeat(301), /301 lines, more than 300/);
test('a long generated file', accepts, 'proto/gen/mesh/v1/x.ts', '// line\n'.repeat(5000));

test('a test outside of test/', rejects, 'mesh/x.test.ts', `${opening}`, /would not run/);
test('a test that ava would overlook', rejects, 'test/mesh/x-test.ts', '', /would not run/);
test('a file about something else that ends in spec', accepts, 'controller/cli/split-spec.ts', opening);
test('a test directly in test/', rejects, 'test/x.test.ts', '', /would not run/);
test('a test in its folder', accepts, 'test/mesh/x.test.ts', '');
test(
  'a test that leaves others out',
  rejects,
  'test/mesh/x.test.ts',
  `test${'.only'}('a', (t) => t.pass());\n`,
  /leaves the other tests out/,
);

test('a path on a machine', rejects, 'docs/x.md', `see ${'/wo'}${'rk/main/x'}`, /is a path on somebody's machine/);
test('the home of root', rejects, 'docs/x.md', `see ${'/ro'}${'ot/x'}`, /is a path on somebody's machine/);
test('words with a slash', accepts, 'docs/x.md', 'this may work/main, or ./home/anna, or https://example.org/root/x');
test('work that is left', rejects, 'mesh/x.ts', `${opening}// ${'TO'}${'DO'} later\n`, /do it, or file it/);
