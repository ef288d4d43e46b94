import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { LaunchEnd } from '../../../agent/stages/launch.ts';
import { launcherOf } from '../../../agent/stages/stage-child.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** Runs a program in the place of a stage until it has ended. */
async function endOf(t: ExecutionContext, program: string): Promise<LaunchEnd> {
  const path = join(await tempFolder(t), 'stage.mjs');
  await writeFile(path, program);
  const launch = launcherOf({ program: path, node: process.execPath, env: {} });
  return new Promise((resolve) => {
    launch({ heapMiBMax: 64, procsFiles: [] }, { report: () => t.fail('this is no report'), ended: resolve });
  });
}

test.serial('a stage that writes garbage to its agent is ended, with the reason as its last words', async (t) => {
  const garbage = "import { writeSync } from 'node:fs'; writeSync(3, 'x'.repeat(100)); setInterval(() => {}, 1000);";
  const { signal, lastWords } = await endOf(t, garbage);
  t.is(signal, 'SIGKILL');
  t.regex(lastWords, /ended, because it sent a message of 2021161080 bytes/);
});

test.serial('a stage that says something well-formed that is no report is not believed', async (t) => {
  const lie = `import { writeSync } from 'node:fs'; import { serialize } from 'node:v8';
    const body = serialize({ kind: 'ready', port: -1 }); const head = Buffer.alloc(4); head.writeUInt32LE(body.length);
    writeSync(3, Buffer.concat([head, body])); process.exit(7);`;
  t.is((await endOf(t, lie)).exitCode, 7);
});

test.serial('a stage that closes its end of the channel is still waited for', async (t) => {
  const { exitCode } = await endOf(t, "import { closeSync } from 'node:fs'; closeSync(3); setTimeout(() => process.exit(5), 100);");
  t.is(exitCode, 5);
});
