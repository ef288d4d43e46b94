/**
 * How `make setup` knows that nothing is to be installed, and that the lock file serves every platform.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

interface Package {
  readonly version: string;
  readonly optional?: boolean;
}

type Packages = Readonly<Record<string, Package>>;

const wanted: Packages = {
  '': { version: '0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b': { version: '2.0.0', optional: true },
};

const reports = test.macro({
  title: (name) => `${name}`,
  async exec(t, installed: Packages | undefined, expected: { code: number; message: RegExp }) {
    const folder = await tempFolder(t);
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    if (installed !== undefined) {
      mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
      writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
      writeFileSync(join(folder, 'node_modules/.bin/node'), '#!/bin/sh\n');
      chmodSync(join(folder, 'node_modules/.bin/node'), 0o755);
    }
    const { code, stderr } = await runProcess(t, [process.execPath, join(repository, 'tools/installed.cjs')], { cwd: folder });
    t.is(code, expected.code, stderr);
    t.regex(stderr, expected.message);
  },
});

test(
  'everything is there',
  reports,
  { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } },
  { code: 0, message: /^$/ },
);
test('what another platform needs may be missing', reports, { 'node_modules/a': { version: '1.0.0' } }, { code: 0, message: /^$/ });
test('nothing is installed', reports, undefined, { code: 1, message: /nothing is installed/ });
test('a package is missing', reports, {}, { code: 1, message: /node_modules\/a is not installed/ });
test(
  'a package has another version',
  reports,
  { 'node_modules/a': { version: '1.0.1' } },
  { code: 1, message: /a is 1\.0\.1, expected 1\.0\.0/ },
);

test('the lock file has the packages of every platform (if not: node tools/complete-lock.ts)', (t) => {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => packages[`node_modules/${name}`] === undefined && packages[`${parent}/node_modules/${name}`] === undefined,
    ),
  );
  t.deepEqual(missing, []);
});
