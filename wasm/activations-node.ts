/**
 * The activation codecs in Node: compiled from the files next to this one when they are first asked for, one instance for each thread.
 */
import { readFileSync } from 'node:fs';
import { Activations } from './activations.ts';
import { hasSimd } from './module.ts';

let shared: Activations | undefined;

/** The thread's instance. */
export function activations(): Activations {
  shared ??= loadActivations();
  return shared;
}

/** An instance of its own; `simd` by default as the engine can. */
export function loadActivations(simd = hasSimd()): Activations {
  const file = new URL(simd ? './build/activations-simd.wasm' : './build/activations.wasm', import.meta.url);
  return new Activations(new WebAssembly.Module(readFileSync(file)));
}
