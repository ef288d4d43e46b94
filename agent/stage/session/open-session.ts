/** A session of ONNX Runtime on this device's CPU, as the settings want it. */
import { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../../../mesh/session-settings.ts';

// Where Float16Array exists, ONNX Runtime's JavaScript half makes half-float tensors of it, and its native half sees them as empty
// (onnxruntime-node 1.30, Node 24). Without the class in this thread it uses Uint16Array, which works.
Reflect.deleteProperty(globalThis, 'Float16Array');

export interface SessionExtras {
  /** A prefix of files; what runs until `endProfiling` is described there. */
  readonly profile?: string;
  /**
   * False: memory is taken as it is needed, not all that the first run needed at once. The graph of a training step has a third less at its peak then, and takes
   * as long.
   */
  readonly memoryPattern?: boolean;
}

/** `intraOpThreads` has been decided. Errors: the runtime's own. */
export function openSession(
  modelPath: string,
  settings: SessionSettings,
  { profile, memoryPattern = true }: SessionExtras = {},
): Promise<InferenceSession> {
  const { intraOpThreads, spinning, graphOptimization } = settings;
  return InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: graphOptimization,
    logSeverityLevel: 3,
    enableMemPattern: memoryPattern,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' }, inter_op: { allow_spinning: '0' } } },
  });
}
