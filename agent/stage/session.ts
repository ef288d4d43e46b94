/**
 * The session port: what a flow needs of whatever computes its frames. `session-thread.ts` is ONNX Runtime on a thread of its own; a simulation
 * computes something cheap.
 */
import type { Epoch } from '../../mesh/frame.ts';
import type { EndFlag } from './end-flag.ts';
import type { SessionReport, ThreadTensor } from './session/protocol.ts';

export type Ran = Omit<Extract<SessionReport, { kind: 'ran' }>, 'kind'>;

export interface SessionFrame {
  /** Of the flow that it belongs to. */
  readonly epoch: Epoch;
  /** Their buffers belong to the session until it answers. */
  readonly inputs: readonly ThreadTensor[];
  /** Set when nobody wants the frame any more. */
  readonly ended: EndFlag;
}

export interface Session {
  /**
   * Frames are computed one after the other, in the order of the calls. Errors: `cancelled` when `ended` was set before its turn came: it was not
   * computed; `failed` when the model can't run on it.
   */
  run(frame: SessionFrame): Promise<Ran>;
}
