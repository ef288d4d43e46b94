/** A model's own file as a subject: a zoo model, a person's, kernels that were made up, a probe. */
import { type Blob, hexOf } from '../../../mesh/files/blob.ts';
import type { ResolvedModel } from '../../../partition/load.ts';
import { modelEnds } from '../../../partition/split.ts';
import { modelFilesOf } from '../../files/model-files.ts';
import { characteristicsOf } from '../../profiler/characteristics.ts';
import type { Subject } from '../../profiler/sample.ts';
import { activationsOf } from '../fused-activation.ts';
import { familyOf, modelName } from './families.ts';
import { bytesOfSpecs, type PreparedSubject, subjectKey } from './subject.ts';

/** `file`: the model's. Errors: those of `modelEnds`. */
export function modelSubject({ name, layered }: ResolvedModel, file: Blob) {
  const { inputs, outputs } = modelEnds(layered);
  const model = modelName(name);
  return {
    ...{ kind: 'model', model, family: familyOf(model), part: '', sha256: hexOf(file.sha256) },
    characteristics: characteristicsOf(layered.graph),
    inputBytes: bytesOfSpecs(inputs),
    outputBytes: bytesOfSpecs(outputs),
  } as const satisfies Subject;
}

/** Errors: those of `modelEnds`. */
export async function wholeModel(
  resolved: ResolvedModel,
  what: Pick<Subject, 'kind' | 'model' | 'family' | 'part'>,
  signal: AbortSignal,
): Promise<PreparedSubject> {
  const { model, externalData, paths } = await modelFilesOf(resolved.path, resolved.model, signal);
  const { inputs, outputs } = modelEnds(resolved.layered);
  const { inputBytes, outputBytes, characteristics } = modelSubject(resolved, model);
  return {
    key: subjectKey(what),
    subject: { ...what, sha256: hexOf(model.sha256), ...(what.kind === 'model' ? { characteristics } : {}), inputBytes, outputBytes },
    item: { model, externalData, inputs, outputs: outputs.map(({ name }) => name) },
    activations: activationsOf(resolved.layered.graph),
    paths,
  };
}
