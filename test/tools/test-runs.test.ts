/**
 * What counts as a failed run: a failed test, a warning, a crash, no test at all.
 */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const ends = test.macro({
  title: (name) => `${name}`,
  async exec(t, body: string | undefined, expected: { code: number; lastLine: RegExp; says?: RegExp }) {
    const folder = await tempFolder(t);
    mkdirSync(join(folder, 'test/unit'), { recursive: true });
    copyFileSync(join(repository, 'package.json'), join(folder, 'package.json'));
    for (const path of ['node_modules', 'test/helpers']) symlinkSync(join(repository, path), join(folder, path));
    if (body !== undefined) writeFileSync(join(folder, 'test/unit/a.test.ts'), `import test from 'ava';\n${body}\n`);

    const path = `${join(repository, 'node_modules/.bin')}:${process.env.PATH}`;
    const { code, stdout } = await runProcess(t, [process.execPath, join(repository, 'tools/test.ts'), 'unit'], {
      cwd: folder,
      env: { PATH: path },
    });
    t.regex(stdout.trimEnd().split('\n').at(-1)!, expected.lastLine, stdout);
    t.is(code, expected.code);
    if (expected.says !== undefined) t.regex(stdout, expected.says);
  },
});

const passing = "test('fine', (t) => t.pass());";

test('a run whose tests pass is good', ends, passing, { code: 0, lastLine: /^1 passed, 0 failed$/ });
test('a failed test fails the run', ends, `${passing}\ntest('not fine', (t) => t.fail());`, { code: 1, lastLine: /^1 passed, 1 failed$/ });
test('a crash fails the run', ends, `${passing}\nsetImmediate(() => { throw new Error('crashed'); });`, {
  code: 1,
  lastLine: /^\d passed, 1 failed$/,
  says: /crashed/,
});
test('a warning of Node fails the run', ends, `${passing}\nprocess.emitWarning('mind this');`, {
  code: 1,
  lastLine: /^\d passed, 1 failed$/,
  says: /gave a warning: Warning: mind this/,
});
test('an experimental feature does not fail the run', ends, `${passing}\nprocess.emitWarning('new', 'ExperimentalWarning');`, {
  code: 0,
  lastLine: /^1 passed, 0 failed$/,
});
test('a run without tests is a failure', ends, undefined, { code: 1, lastLine: /^0 passed, 1 failed$/ });
