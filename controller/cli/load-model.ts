/** A model as a person names it, with shapes from the runtime; built, read and asked for what it has not been asked before. */
import { type ResolvedModel, resolveModel } from '../../partition/load.ts';
import type { Watcher } from '../run/run-events.ts';
import { RuntimeShapes } from '../shapes/runtime-shapes.ts';
import { cacheFolder } from '../store/folders.ts';
import type { Io } from './command.ts';

/** Errors: those of `resolveModel`; `cancelled` when the person stopped it. */
export function loadModel(nameOrPath: string, { env, now, signal }: Io, watch: Watcher): Promise<ResolvedModel> {
  const cacheDir = cacheFolder(env);
  const shapes = new RuntimeShapes({
    cacheDir,
    env,
    now,
    signal,
    asking: () => watch({ kind: 'phase', phase: 'shapes' }),
    warn: (message) => watch({ kind: 'warning', message }),
  });
  return resolveModel(nameOrPath, { cacheDir, shapes });
}
