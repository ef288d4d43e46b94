/** What a person reads when a device can't load a stage. */
import { MeshError } from '../../mesh/error.ts';
import type { Plan, Stage } from '../../partition/plan.ts';

const UNKNOWN_OPERATOR_HINT =
  'export the model with the operators of ONNX itself, in an opset that has them; custom operators have no implementation here';

/** A stage that is the whole model is called by the model's name: of stages the person need not know then. */
export function notLoaded(model: string, plan: Plan, { id, device }: Stage, cause: MeshError): MeshError {
  const what = plan.stages.length === 1 ? model : `${id} of ${model}`;
  const hint = cause.hint ?? (cause.code === 'unsupported' ? UNKNOWN_OPERATOR_HINT : undefined);
  return new MeshError(
    cause.code,
    `${what} can't be loaded on ${device}: ${cause.message}`,
    hint === undefined ? { cause } : { cause, hint },
  );
}
