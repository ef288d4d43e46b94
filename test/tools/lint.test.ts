/**
 * House rules that biome checks: a fixture that breaks each is rejected.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const biome = join(repository, 'node_modules/.bin/biome');

const rejects = test.macro({
  title: (name) => `rejects ${name}`,
  async exec(t, file: string, text: string, rule: string) {
    const folder = await tempFolder(t);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    const { code, stdout, stderr } = await runProcess(
      t,
      [biome, 'lint', '--error-on-warnings', '--config-path', join(repository, 'biome.json'), '.'],
      { cwd: folder },
    );
    t.not(code, 0);
    t.true(`${stdout}${stderr}`.includes(rule), `${stdout}${stderr}`);
  },
});

test('a default export', rejects, 'mesh/a.ts', 'export default function a() {}\n', 'noDefaultExport');
test('a file name in camel case', rejects, 'mesh/aB.ts', 'export const a = 1;\n', 'useFilenamingConvention');
test(
  'a file that only passes others on',
  rejects,
  'mesh/index.ts',
  "export { a } from './a.ts';\nexport { b } from './b.ts';\n",
  'noBarrelFile',
);
test('passing on everything of a file', rejects, 'mesh/a.ts', "export * from './b.ts';\nexport const a = 1;\n", 'noReExportAll');
test(
  'an import of a type as a value',
  rejects,
  'mesh/a.ts',
  "import { B } from './b.ts';\nexport const a = (b: B) => b;\n",
  'useImportType',
);
test(
  'a builtin module without its prefix',
  rejects,
  'mesh/a.ts',
  "import { join } from 'path';\nexport const a = join('a');\n",
  'useNodejsImportProtocol',
);
test('a type that hides everything', rejects, 'mesh/a.ts', 'export const a = (b: any) => b;\n', 'noExplicitAny');
