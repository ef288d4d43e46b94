/**
 * The two builds of blosc2.wasm, which must do the same: tests run with both.
 */
import { Blosc2 } from '../../../wasm/blosc2.ts';
import { hasSimd, loadModuleSync } from '../../../wasm/module.ts';

if (!hasSimd()) throw new Error('this engine has no wasm SIMD: the tests would compare the plain build with itself');

export const modules = [
  ['SIMD', loadModuleSync(true)],
  ['plain', loadModuleSync(false)],
] as const;

export const simd = new Blosc2({ module: modules[0][1] });
export const plain = new Blosc2({ module: modules[1][1] });
export const builds = [
  ['SIMD', simd],
  ['plain', plain],
] as const;
