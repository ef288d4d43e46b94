/** The profiler that the service asks, from what is stored on this machine. */
import { MeshError } from '../../../mesh/error.ts';
import type { ProfilerPort } from './profiler-port.ts';

/** Nothing has been learned in this folder: every question has that answer, error `not-found`. */
export function openProfiler(folder: string): ProfilerPort {
  return {
    predict: async () => {
      throw new MeshError('not-found', 'the profiler has learned nothing yet', {
        hint: `controller profile collect measures devices; what it measures is kept in ${folder}`,
      });
    },
  };
}
