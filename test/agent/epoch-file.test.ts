import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openEpochFile } from '../../agent/epoch-file.ts';
import { EpochFence } from '../../agent/stages/epoch-fence.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const silent = (): void => {};

test('the highest epochs outlive the agent, whatever runs are called', async (t) => {
  const folder = await tempFolder(t);
  const fence = new EpochFence(await openEpochFile(folder, (message) => t.fail(message)));
  fence.accept('2', 3n);
  fence.accept('1', 2n ** 64n - 1n);
  fence.accept('2', 4n);
  await fence.saved;
  const { remembered } = await openEpochFile(folder, (message) => t.fail(message));
  t.deepEqual(
    [...remembered],
    [
      ['1', 2n ** 64n - 1n],
      ['2', 4n],
    ],
  );
  t.deepEqual(await readdir(folder), ['epochs.json']);
});

test('many changes at once are few writes, and the last state is what stays', async (t) => {
  const folder = await tempFolder(t);
  const memory = await openEpochFile(folder, (message) => t.fail(message));
  const highest = new Map<string, bigint>();
  const promises = new Set<Promise<void>>();
  for (let epoch = 1n; epoch <= 100n; epoch += 1n) {
    highest.set('r', epoch);
    promises.add(memory.save(highest));
  }
  t.is(promises.size, 1);
  await Promise.all(promises);
  highest.set('r', 101n);
  const writing = memory.save(highest);
  await new Promise((resolve) => setImmediate(resolve));
  highest.set('r', 102n);
  await Promise.all([writing, memory.save(highest)]);
  t.deepEqual([...(await openEpochFile(folder, silent)).remembered], [['r', 102n]]);
});

const damaged: readonly [string, string][] = [
  ['cut off', '{"version":1,"epochs":[["r","1'],
  ['empty', ''],
  ['of another version', '{"version":2,"epochs":[]}'],
  ['with an entry that is none', '{"version":1,"epochs":[["r","1"],["q",2]]}'],
  ['with a negative epoch', '{"version":1,"epochs":[["r","-1"]]}'],
];
for (const [what, text] of damaged) {
  test(`a file that is ${what} counts as missing, with a warning, and is replaced`, async (t) => {
    const folder = await tempFolder(t);
    await writeFile(join(folder, 'epochs.json'), text);
    const warnings: string[] = [];
    const memory = await openEpochFile(folder, (message) => warnings.push(message));
    t.is(memory.remembered.size, 0);
    t.is(warnings.length, 1);
    t.regex(warnings[0]!, /epochs\.json is damaged/);
    await memory.save(new Map([['r', 5n]]));
    t.regex(await readFile(join(folder, 'epochs.json'), 'utf8'), /"r","5"/);
  });
}

test('a folder that can not be written is warned about once, and keeps nobody waiting', async (t) => {
  const folder = await tempFolder(t);
  // A folder in the place of the file: root, too, can't rename onto that.
  await mkdir(join(folder, 'epochs.json', 'x'), { recursive: true });
  await chmod(folder, 0o500);
  t.teardown(() => chmod(folder, 0o700));
  const warnings: string[] = [];
  const memory = await openEpochFile(folder, (message) => warnings.push(message));
  await memory.save(new Map([['r', 1n]]));
  await memory.save(new Map([['r', 2n]]));
  t.deepEqual(
    warnings.map((warning) => /damaged|can't be kept/.exec(warning)?.[0]),
    ['damaged', "can't be kept"],
  );
});
