/**
 * blosc2-wasm in a browser, when Debian's chromium is there: its modules are served as a package would have them, types stripped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import ts from 'typescript';
import { needs } from '../helpers/privileges.ts';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const CHROMIUM = '/usr/bin/chromium';

const page = `<!doctype html><body><script type="module">
  import { Blosc2 } from './wasm/blosc2.ts';
  try {
    const blosc = await Blosc2.create();
    const values = Float32Array.from({ length: 50_000 }, (_, i) => Math.floor(Math.sqrt(i)));
    const chunk = blosc.compress(values, { filters: ['bitshuffle'] });
    const same = new Float32Array(blosc.decompress(chunk).buffer).every((value, i) => value === values[i]);
    let refused;
    try { blosc.compress(values, { codec: 'zstd' }); } catch (error) { refused = error.code; }
    document.body.textContent = JSON.stringify({ same, smaller: chunk.length < 20_000, refused });
  } catch (error) {
    document.body.textContent = String(error);
  }
</script>`;

/** Imports stay as they are, with their extension. */
function javascript(file: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText;
}

needs(test, existsSync(CHROMIUM) ? undefined : `needs ${CHROMIUM}`)('compresses and decompresses in Chromium', async (t) => {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://here').pathname;
    const file = join(repository, path);
    if (path === '/') response.setHeader('content-type', 'text/html').end(page);
    else if (!/^\/wasm\/[a-z0-9./-]+$/.test(path) || !existsSync(file)) response.writeHead(404).end();
    else if (path.endsWith('.wasm')) response.setHeader('content-type', 'application/wasm').end(readFileSync(file));
    else response.setHeader('content-type', 'text/javascript').end(javascript(file));
  });
  t.teardown(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const profile = await tempFolder(t);
  const { port } = server.address() as AddressInfo;
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${profile}`,
    '--virtual-time-budget=10000',
    '--dump-dom',
  ];
  const { code, stdout } = await runProcess(t, [CHROMIUM, ...flags, `http://127.0.0.1:${port}/`]);
  t.is(code, 0);
  t.regex(stdout, /\{"same":true,"smaller":true,"refused":"unsupported"\}/);
});
