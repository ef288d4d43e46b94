import test from 'ava';
import { MemoryRegistry } from '../../mesh/bus/memory-registry.ts';
import { testRegistry } from './registry.ts';

testRegistry(test, 'memory', async () => {
  let nowMs = 1_000;
  const registry = new MemoryRegistry(() => (nowMs += 1));
  return { registry: async () => registry, lose: async () => registry.lose() };
});
