/**
 * `npm run build`: dist/ is what the npm package contains: the libraries module by module, with their types; the programs as one file each
 * (bundle.ts). It mirrors the repository, so that code finds its neighbours (the wire contract for server reflection, package.json for the version)
 * at the same relative place, compiled or not. Types are checked by `make check`; here they are only written.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundlePrograms } from './bundle.ts';

rmSync('dist', { recursive: true, force: true });
const { status, error } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: ['ignore', 'inherit', 'inherit'] });
if (error !== undefined) throw error;
if (status !== 0) process.exit(1);

for (const path of globSync('dist/**/*.js')) rewriteForgottenImports(path);
// Nobody steps through generated code.
for (const path of globSync('dist/proto/gen/**/*.js')) withoutSourceMap(path);
await bundlePrograms(resolve('dist'));
// blosc2-wasm is a package of its own as well: `npm pack ./dist/wasm`.
for (const name of ['package.json', 'README.md']) cpSync(`wasm/${name}`, `dist/wasm/${name}`);
cpSync('LICENSE', 'dist/wasm/LICENSE');

function withoutSourceMap(path: string): void {
  rmSync(`${path}.map`);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
}

/**
 * tsc 5.9 rewrites `.ts` to `.js` in imports, but forgets `import('./a.ts')` in functions that it compiles for older Nodes (`await using`).
 * Both extensions are equally long, so source maps stay right.
 */
function rewriteForgottenImports(path: string): void {
  const text = readFileSync(path, 'utf8');
  const rewritten = text.replace(/\bimport\((['"])(\.{1,2}\/[^'"]+)\.ts\1\)/g, 'import($1$2.js$1)');
  if (rewritten !== text) writeFileSync(path, rewritten);
}
