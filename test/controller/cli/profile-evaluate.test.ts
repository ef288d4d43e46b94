import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { profileEvaluateCommand } from '../../../controller/cli/profile-evaluate.ts';
import type { EvaluationReport } from '../../../controller/profiler/evaluation/evaluation-report.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import { ProfileStore } from '../../../controller/store/profile-store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { madeSamples } from '../profiler/evaluation/made-samples.ts';

async function machine(t: ExecutionContext, samples: readonly Sample[], terminal = false) {
  const folder = await tempFolder(t);
  const said = { stdout: '', stderr: '' };
  const stopping = new AbortController();
  const io: Io = {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    ...{ terminal, columns: 80, tableColumns: Number.POSITIVE_INFINITY, env: { SPLITMESH_DATA: folder }, stdin: Readable.from([]) },
    ...{ signal: stopping.signal, now: () => 0, wallClock: () => 0 },
  };
  await using store = await ProfileStore.open(folder);
  await store.add(samples);
  return { folder, io, said, stopping };
}

const samples = madeSamples({ families: 3, repeats: 2 });

test('the real profiler is evaluated on what the store has, as text and as a page', async (t) => {
  const { folder, io, said } = await machine(t, samples);
  const page = join(folder, 'page.html');
  t.is(await profileEvaluateCommand.run(['--split', 'family,device', '--report', page], io), 0);
  t.regex(said.stdout, /^How good predictions are: 9 models of 3 families on 4 devices/);
  t.regex(said.stdout, /\nnew family +144 /);
  t.regex(said.stdout, /\nnew device \+ 10 +144 /);
  t.notRegex(said.stdout, /rows \(leaks\)/);
  t.true(said.stdout.endsWith(`\n${page}\n`));
  t.is(said.stderr, '');
  t.regex(await readFile(page, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
});

test('JSON alone is on stdout, progress on a terminal on stderr', async (t) => {
  const { io, said } = await machine(t, samples, true);
  t.is(await profileEvaluateCommand.run(['--split', 'family', '--json', '--seed', '7'], io), 0);
  const report = JSON.parse(said.stdout) as EvaluationReport;
  t.like(report, { seed: 7, samples: { models: 9, families: 3 } });
  t.is(report.splits[0]!.folds.length, 3);
  t.regex(said.stderr, /family: 3 of 3/);
});

test('without anything measured it says how to measure', async (t) => {
  const { io } = await machine(t, []);
  await t.throwsAsync(async () => await profileEvaluateCommand.run([], io), { code: 'not-found', message: /no model/ });
});

test('what can not be is refused before anything is learnt', async (t) => {
  const { io } = await machine(t, samples);
  for (const argv of [['--split', 'leaves'], ['--seed', 'x'], ['more'], ['--report', '/nowhere/page.html']]) {
    await t.throwsAsync(async () => await profileEvaluateCommand.run(argv, io), { code: 'usage' });
  }
});

test('Ctrl-C ends it between two folds', async (t) => {
  const { io, stopping } = await machine(t, samples);
  stopping.abort();
  await t.throwsAsync(async () => await profileEvaluateCommand.run([], io), { code: 'cancelled' });
});
