import test from 'ava';
import { isAlive, readProcess } from '../helpers/proc.ts';
import { runProcess, startProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const fixture = (name: string, ...args: string[]) => [process.execPath, `${repository}test/fixtures/programs/${name}.ts`, ...args];

test('a line is found whether it came before or comes after it is waited for', async (t) => {
  const talker = startProcess(t, fixture('talker'));
  const [, pid] = await talker.line(/^ready (\d+)$/);
  t.is(Number(pid), talker.pid);
  t.is((await talker.line(/^ready/)).input, `ready ${pid}`);
  const answer = talker.line(/^you said (.*)$/);
  talker.stdin.write('hello\n');
  t.is((await answer)[1], 'hello');
});

test('waiting for a line fails with the last words of a process that ends without it', async (t) => {
  const failing = startProcess(t, ['/bin/sh', '-c', 'echo out; echo it broke >&2; exit 3']);
  await t.throwsAsync(failing.line(/never/), { message: /ended without .never.[\s\S]*it broke/ });
  t.deepEqual(await failing.exit, { code: 3, signal: null });
});

test('waiting for a line that does not come fails after its time', async (t) => {
  const talker = startProcess(t, fixture('talker'));
  await t.throwsAsync(talker.line(/never/, 50), { message: /waited 0\.05 s in vain/ });
});

test('a last line without line break counts', async (t) => {
  const process = startProcess(t, ['printf', 'no line break']);
  t.is((await process.line(/^no/)).input, 'no line break');
});

test('a program that does not exist ends with 127', async (t) => {
  t.is((await runProcess(t, ['/no/such/program'])).code, 127);
});

test('a program runs to its end with its output and exit code', async (t) => {
  const { code, stdout, stderr } = await runProcess(t, ['/bin/sh', '-c', 'echo "$A"; echo b >&2; exit 4'], { env: { A: 'a' } });
  t.deepEqual({ code, stdout, stderr }, { code: 4, stdout: 'a\n', stderr: 'b\n' });
});

test('a stopped process answers only after it is continued', async (t) => {
  const talker = startProcess(t, fixture('talker'));
  await talker.line(/^ready/);
  talker.stop();
  await waitUntil('stopped', () => readProcess(talker.pid)?.state === 'T');
  talker.stdin.write('anybody?\n');
  talker.continue();
  await talker.line(/^you said anybody/);
  t.true(isAlive(talker.pid));
});

test('a process that ignores SIGTERM is killed, a stopped one ends in order', async (t) => {
  const stubborn = startProcess(t, fixture('talker', 'stubborn'));
  await stubborn.line(/^ready/);
  const end = stubborn.end(100);
  await stubborn.line(/^no$/);
  t.deepEqual(await end, { code: null, signal: 'SIGKILL' });

  const stopped = startProcess(t, fixture('talker'));
  await stopped.line(/^ready/);
  stopped.stop();
  t.deepEqual(await stopped.end(), { code: null, signal: 'SIGTERM' });
});

test('a process ends with its scope', async (t) => {
  const scope = new OwnScope();
  const talker = startProcess(scope, fixture('talker'));
  await talker.line(/^ready/);
  await scope.end();
  t.false(isAlive(talker.pid));
});

test('a process ends also when its test is killed', async (t) => {
  const owner = startProcess(t, fixture('owner'));
  const [, pid] = await owner.line(/^owns (\d+)$/);
  t.true(isAlive(Number(pid)));
  await owner.kill('SIGKILL');
  await waitUntil('the process of the killed test is gone', () => !isAlive(Number(pid)));
  t.false(isAlive(Number(pid)));
});
