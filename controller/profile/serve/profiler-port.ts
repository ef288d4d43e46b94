/** Who predicts. The service knows devices and requests; what is learned, from what and how, is behind this port. */
import type { ModelCharacteristics } from '../../profiler/characteristics.ts';
import type { Prediction } from '../../profiler/prediction.ts';
import type { KnownState } from '../device-state/known-state.ts';

export interface ProfilerPort {
  /**
   * Fastest first. A device that can't be predicted for is left out. Errors: `not-found` when nothing has been learned yet, `unsupported` and `invalid` for a
   * subject that can't be predicted.
   */
  predict(subject: ProfiledSubject, devices: readonly KnownState[], signal: AbortSignal): Promise<readonly DevicePrediction[]>;
}

export interface ProfiledSubject {
  readonly model: string;
  readonly characteristics: ModelCharacteristics;
  /** Of all inputs and outputs of one inference; absent: the model does not say. */
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  /** The model itself, when it was sent. Gone when the answer is given. */
  readonly onnxPath?: string;
}

export interface DevicePrediction {
  readonly node: string;
  readonly prediction: Prediction;
}
