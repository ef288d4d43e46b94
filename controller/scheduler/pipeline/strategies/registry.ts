/** All of them, by name. */
import { coral } from './coral.ts';
import { dads } from './dads.ts';
import { even } from './even.ts';
import { memoryProportional } from './memory-proportional.ts';
import { neurosurgeon } from './neurosurgeon.ts';
import { pepper } from './pepper.ts';
import { pipeedge } from './pipeedge.ts';
import { scission } from './scission.ts';
import type { Strategy } from './strategy.ts';
import { replicate, single } from './whole-model.ts';

export const strategies: readonly Strategy[] = [
  single,
  replicate,
  even,
  memoryProportional,
  neurosurgeon,
  dads,
  scission,
  pipeedge,
  coral,
  pepper,
];
