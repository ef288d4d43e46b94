/**
 * The activation codecs in Node: compiled from the files next to this one when they are first asked for, one instance for each thread.
 */
import { readFileSync } from 'node:fs';
import { Activations } from './activations.ts';

let shared: Activations | undefined;

/** The thread's instance. */
export function activations(): Activations {
  shared ??= new Activations([binary('activations-simd'), binary('activations')]);
  return shared;
}

function binary(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./build/${name}.wasm`, import.meta.url)));
}
