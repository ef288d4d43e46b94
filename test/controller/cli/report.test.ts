import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { benchListCommand } from '../../../controller/cli/bench-list.ts';
import type { Io } from '../../../controller/cli/command.ts';
import { reportCommand } from '../../../controller/cli/report.ts';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { cpuSweep, memorySweep, recordOf } from '../report/sweep-fixture.ts';
import { study } from '../report/training-fixture.ts';

/** A store with two sweeps, one of them not finished, and a run; and a shell in its folder. */
async function machine(t: ExecutionContext) {
  const folder = await tempFolder(t);
  const said = { stdout: '', stderr: '' };
  const env: Record<string, string> = { PATH: join(folder, 'bin'), SPLITMESH_DATA: folder };
  const io: Io = {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    ...{ terminal: false, columns: 80, tableColumns: Number.POSITIVE_INFINITY, env, stdin: Readable.from([]) },
    ...{ signal: new AbortController().signal, now: () => 0, wallClock: () => 0 },
  };
  await using store = await BenchStore.open(folder);
  const [memory, cpu] = [memorySweep(), cpuSweep()];
  await store.beginSweep({ ...memory.sweep, sweep: 'm1', startedMs: 1000 }, memory.rows);
  await store.addBench({
    bench: 'b1',
    startedMs: 2000,
    title: 'resnet',
    device: 'pi1',
    record: recordOf({ outcome: { kind: 'thrashing' } }),
  });
  await store.beginSweep(
    { ...cpu.sweep, sweep: 'm2', startedMs: 3000, status: 'unfinished' },
    cpu.rows.map((row) => (row.row > 20 ? { ...row, record: undefined } : row)),
  );
  return { folder, io, said };
}

test('the page is written, what was found and where it lies is said', async (t) => {
  const { folder, io, said } = await machine(t);
  const out = join(folder, 'page.html');
  t.is(await reportCommand.run(['--sweep', 'm1', '--out', out], io), 0);
  t.regex(await readFile(out, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
  t.regex(said.stdout, /^resnet: memory from 64 to 1024 MiB on pi1 {2}sweep m1\n/);
  t.regex(said.stdout, /warm cache: infers with 256 MiB/);
  t.true(said.stdout.endsWith(`\n${out}\n`));
  t.is(said.stderr, '');
});

test('CSV and JSON go to stdout, and nothing else does', async (t) => {
  const { io, said } = await machine(t);
  t.is(await reportCommand.run(['--sweep', 'last', '--json'], io), 0);
  t.like(JSON.parse(said.stdout), { sweep: 'm2', status: 'unfinished', limit: 'cpu' });
  said.stdout = '';
  t.is(await reportCommand.run(['--sweep', 'm1', '--csv'], io), 0);
  // A header, an end, and the last words of one, which are two lines.
  t.is(said.stdout.split('\n').length, memorySweep().rows.length + 3);
  t.is(said.stderr, '');
});

test('--open hands the page to the desktop, and says so when there is none or it fails', async (t) => {
  const { folder, io, said } = await machine(t);
  const out = join(folder, 'page.html');
  const open = () => reportCommand.run(['--sweep', 'm1', '--out', out, '--open'], io);
  t.is(await open(), 0);
  t.regex(said.stderr, /neither xdg-open nor open is installed; open .*page\.html in a browser\n$/);
  await t.throwsAsync(reportCommand.run(['--sweep', 'm1', '--out', folder], io), { code: 'denied', message: /can't be written/ });

  const other = await machine(t);
  const bin = await tempFolder(t);
  Object.assign(other.io.env, { PATH: bin });
  const program = join(bin, 'open');
  const script = (end: string) => writeFile(program, `#!/bin/sh\necho "$1" > ${bin}/opened\n${end}\n`);
  await script('exit 0');
  await chmod(program, 0o755);
  t.is(await reportCommand.run(['--sweep', 'm1', '--out', out, '--open'], other.io), 0);
  t.is(await readFile(join(bin, 'opened'), 'utf8'), `${out}\n`);
  t.is(other.said.stderr, '');
  await script('exit 3');
  t.is(await reportCommand.run(['--sweep', 'm1', '--out', out, '--open'], other.io), 0);
  t.regex(other.said.stderr, /open ended with code 3/);
});

test('a study, or sweeps that are named with commas, are one page, one table, one JSON', async (t) => {
  const { folder, io, said } = await machine(t);
  {
    await using store = await BenchStore.open(folder);
    for (const { sweep, rows } of study()) await store.beginSweep({ ...sweep, startedMs: sweep.startedMs - 1_789_999_000_000 }, rows);
  }
  const out = join(folder, 'page.html');
  const report = async (name: string, ...options: string[]) => {
    said.stdout = '';
    t.is(await reportCommand.run(['--sweep', name, ...options], io), 0);
    return said.stdout;
  };
  const sweepsOf = async (name: string) =>
    (JSON.parse(await report(name, '--json')) as { sweeps: { sweep: string }[] }).sweeps.map(({ sweep }) => sweep);
  const all = ['st1-1', 'st1-2', 'st1-3', 'st1-4'];
  for (const name of ['st1', 'st', 'last', 'st1-1,st1-3,st1-2,st1-4,st1-4', 'st1-1,st1']) t.deepEqual(await sweepsOf(name), all, name);
  t.deepEqual(await sweepsOf('m1,st1-2'), ['m1', 'st1-2']);
  t.like(JSON.parse(await report('st1-2', '--json')), { sweep: 'st1-2', study: 'st1' });
  t.is((await report('st1', '--csv')).trimEnd().split('\n').length, 1 + 4 * 27);
  t.regex(await report('st1', '--out', out), /^mlp1d, cnn1d: memory from 64 to 320 MiB on pi1 {2}study st1\n[\s\S]*page\.html\n$/);
  t.regex(await readFile(out, 'utf8'), /^<!doctype html>[\s\S]*Smallest memory[\s\S]*<\/html>\n$/);
  const refused = (name: string) => t.throwsAsync(reportCommand.run(['--sweep', name, '--json'], io), { name: 'MeshError' });
  t.like(await refused('m1,m2'), {
    code: 'usage',
    message: 'sweeps of different limits have no axis in common: m1 changes memory, m2 changes CPU',
  });
  t.like(await refused('m1,,st1'), { code: 'usage', message: '--sweep: "m1,,st1" has a name that is empty' });
  t.like(await refused('m1,x'), { code: 'not-found' });
});

test('what is wrong is said before anything is read', async (t) => {
  const { io } = await machine(t);
  const wrong = (...argv: string[]) => t.throwsAsync(reportCommand.run(argv, io), { name: 'MeshError' });
  t.like(await wrong(), { code: 'usage', message: 'what to report is missing' });
  t.like(await wrong('--sweep', 'm1', '--csv', '--json'), { code: 'usage' });
  t.like(await wrong('--sweep', 'm1', '--csv', '--open'), { code: 'usage', hint: 'controller report … --csv > FILE' });
  t.like(await wrong('--sweep', 'm'), { code: 'usage', message: '"m" is the beginning of 2 sweeps: m2, m1' });
  t.like(await wrong('--sweep', 'x'), { code: 'not-found', message: 'there is no sweep "x"' });
});

test('sweeps and runs are listed together, newest first, as a table and as JSON', async (t) => {
  const { io, said } = await machine(t);
  t.is(await benchListCommand.run([], io), 0);
  const lines = said.stdout.trimEnd().split('\n');
  t.regex(lines[0]!, /^NAME +KIND +STARTED +DEVICE +WHAT +STATUS +OUTCOMES$/);
  t.regex(lines[1]!, /^m2 +sweep +1970-01-01 00:00 +pi1 +resnet: CPU +unfinished +21 ok, 12 not tried$/);
  t.regex(lines[2]!, /^b1 +run .* +done +thrashing$/);
  t.regex(lines[3]!, /^m1 +sweep .* +done +133 ok, 28 out of memory, /);
  said.stdout = '';
  t.is(await benchListCommand.run(['--json'], io), 0);
  const { measured: listed } = JSON.parse(said.stdout) as { measured: { name: string; outcomes: Record<string, number> }[] };
  t.deepEqual(
    listed.map(({ name, outcomes }) => [name, outcomes.ok]),
    [
      ['m2', 21],
      ['b1', 0],
      ['m1', 133],
    ],
  );
  const empty = { ...io, env: { SPLITMESH_DATA: await tempFolder(t) } };
  said.stdout = '';
  t.is(await benchListCommand.run([], empty), 0);
  t.regex(said.stdout, /nothing was measured yet/);
});
