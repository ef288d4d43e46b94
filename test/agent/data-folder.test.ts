import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openDataFolder } from '../../agent/data-folder.ts';
import { MeshError } from '../../mesh/error.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('a data folder is made, locked while it is open, and free afterwards', async (t) => {
  const path = join(await tempFolder(t), 'a/b');
  const folder = await openDataFolder(path, process.pid);
  t.true(existsSync(join(path, 'agent.lock')));
  await folder.release();
  await folder.release();
  t.deepEqual(readdirSync(path), []);
});

test('a folder that a living agent uses is refused, naming it', async (t) => {
  const path = await tempFolder(t);
  const other = spawn('sleep', ['600']);
  try {
    await openDataFolder(path, other.pid!);
    const error = await t.throwsAsync(openDataFolder(path, process.pid), { instanceOf: MeshError });
    t.is(error?.code, 'conflict');
    t.true(error?.message.includes(`${other.pid}`));
    t.deepEqual(readdirSync(path), ['agent.lock']);
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
  // Its owner is dead now.
  await (await openDataFolder(path, process.pid)).release();
});

test('a lock whose process id has been given to another process is taken over', async (t) => {
  const path = await tempFolder(t);
  await writeFile(join(path, 'agent.lock'), `${process.pid} 12345\n`);
  await using folder = await openDataFolder(path, process.pid);
  t.not(await readFile(join(folder.path, 'agent.lock'), 'utf8'), `${process.pid} 12345\n`);
});

for (const content of ['', 'garbage', '\n', '999999999 none\n']) {
  test(`a damaged lock (${JSON.stringify(content)}) is taken over`, async (t) => {
    const path = await tempFolder(t);
    await writeFile(join(path, 'agent.lock'), content);
    await (await openDataFolder(path, process.pid)).release();
    t.deepEqual(readdirSync(path), []);
  });
}

test('of many that find a stale lock at the same time, one gets the folder', async (t) => {
  const agents = Array.from({ length: 8 }, () => spawn('sleep', ['600']));
  try {
    for (let round = 0; round < 30; round++) {
      const path = await tempFolder(t);
      await writeFile(join(path, 'agent.lock'), round % 2 === 0 ? '999999999 1\n' : '');
      const opened = await Promise.allSettled(agents.map((agent) => openDataFolder(path, agent.pid!)));
      t.is(opened.filter(({ status }) => status === 'fulfilled').length, 1);
      t.deepEqual(readdirSync(path), ['agent.lock']);
    }
  } finally {
    for (const agent of agents) agent.kill('SIGKILL');
    await Promise.all(agents.map((agent) => once(agent, 'exit')));
  }
});

test('a folder that can not be written is refused', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'file'), '');
  const error = await t.throwsAsync(openDataFolder(join(folder, 'file', 'data'), process.pid), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.regex(error?.hint ?? '', /--data/);
  await chmod(folder, 0o700);
});
