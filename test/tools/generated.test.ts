import { appendFileSync, copyFileSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import type { Scope } from '../helpers/scope.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

async function copyOfContract(t: Scope): Promise<{ folder: string; check: () => Promise<{ code: number | null; output: string }> }> {
  const folder = await tempFolder(t);
  cpSync(join(repository, 'proto'), join(folder, 'proto'), { recursive: true });
  for (const name of ['buf.yaml', 'buf.gen.yaml']) copyFileSync(join(repository, name), join(folder, name));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const path = `${join(repository, 'node_modules/.bin')}:${process.env.PATH}`;
  return {
    folder,
    async check() {
      const { code, stdout, stderr } = await runProcess(t, [process.execPath, join(repository, 'tools/generated.ts')], {
        cwd: folder,
        env: { PATH: path },
      });
      return { code, output: stdout + stderr };
    },
  };
}

test('generated code that was edited is rejected', async (t) => {
  const { folder, check } = await copyOfContract(t);
  appendFileSync(join(folder, 'proto/gen/mesh/v1/types.ts'), 'export const edited = 1;\n');
  const { code, output } = await check();
  t.is(code, 1);
  t.regex(output, /export const edited[\s\S]*make gen/);
});

test('a contract that changed without its generated code is rejected', async (t) => {
  const { folder, check } = await copyOfContract(t);
  appendFileSync(join(folder, 'proto/mesh/v1/types.proto'), 'message Added {}\n');
  const { code, output } = await check();
  t.is(code, 1);
  t.regex(output, /Added/);
});
