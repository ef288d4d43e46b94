/**
 * The compiled modules: one that uses SIMD and one for engines without, same bytes out of both. In Node they are read from beside this
 * file, in a browser (and everywhere else) fetched from there.
 */
import { Blosc2Error } from './error.ts';

/** A function with one SIMD instruction: engines without SIMD say that this module is not valid. */
const probe = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

export function hasSimd(): boolean {
  return WebAssembly.validate(probe);
}

interface NodeFiles {
  readFileSync(path: URL): Uint8Array<ArrayBuffer>;
}

function moduleUrl(simd: boolean): URL {
  // Written out twice, so that bundlers see both files.
  return simd ? new URL('./build/blosc2-simd.wasm', import.meta.url) : new URL('./build/blosc2.wasm', import.meta.url);
}

function nodeFiles(): NodeFiles | undefined {
  // Not a static import: browsers load this file as well.
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.('node:fs') as NodeFiles | undefined;
}

const compiled = new Map<boolean, WebAssembly.Module>();

/** Reads and compiles, once for each kind. In Node only: elsewhere files can't be read synchronously. */
export function loadModuleSync(simd = hasSimd()): WebAssembly.Module {
  const known = compiled.get(simd);
  if (known !== undefined) return known;
  const files = nodeFiles();
  if (files === undefined) throw new Blosc2Error('usage', 'modules can be loaded synchronously in Node only; await loadModule() elsewhere');
  const module = new WebAssembly.Module(files.readFileSync(moduleUrl(simd)));
  compiled.set(simd, module);
  return module;
}

/** The same anywhere. A module can be sent to workers, so that they need not load it again. */
export async function loadModule(simd = hasSimd()): Promise<WebAssembly.Module> {
  if (nodeFiles() !== undefined) return loadModuleSync(simd);
  const known = compiled.get(simd);
  if (known !== undefined) return known;
  const url = moduleUrl(simd);
  const response = await fetch(url);
  if (!response.ok) throw new Blosc2Error('usage', `${url} can't be fetched: status ${response.status}`);
  const module = await WebAssembly.compile(await response.arrayBuffer());
  compiled.set(simd, module);
  return module;
}
