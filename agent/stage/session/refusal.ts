/**
 * Why ONNX Runtime refuses a model, in words for a person. What it says itself names the file (of which the person knows nothing: it lies in
 * the stage's own folder), the line of its source, and types where nobody asked. The texts are those of ONNX Runtime 1.30; one that is not
 * known stays as it is, without paths.
 */
import type { MeshError } from '../../../mesh/error.ts';

export interface Refusal {
  readonly code: Extract<MeshError['code'], 'invalid' | 'unsupported'>;
  readonly reason: string;
}

/** `modelPath`: the file that was loaded. */
export function refusalOf(said: string, modelPath: string): Refusal {
  const unknown = unknownOperator(said);
  if (unknown !== undefined) return { code: 'unsupported', reason: unknown };
  const reason = said
    .replaceAll(modelPath, 'the model')
    .replace(/^Load model from the model failed:\s*/, '')
    .replace(/\/onnxruntime_src\/\S+:\d+ .*?\) (?=[A-Z])/, '')
    .replace(/^This is an invalid model\. /, '')
    .trim();
  return { code: 'invalid', reason: `ONNX Runtime refuses the model: ${reason}` };
}

function unknownOperator(said: string): string | undefined {
  // In Node, ("name", Operator, "domain", version) : … , Error No Op registered for Operator with domain_version of 17
  const unregistered = /In Node, \("(.*?)", (\S+?), "(.*?)", .* No Op registered for \S+ with domain_version of (\d+)/s.exec(said);
  if (unregistered !== null) {
    const [, node = '', operator = '', domain = '', opset] = unregistered;
    return `ONNX Runtime knows no operator ${named(operator, domain)} in opset ${opset}${at(node)}`;
  }
  const unimported = /In Node, \("(.*?)", (\S+?), "(.*?)", .* No opset import for domain/s.exec(said);
  if (unimported !== null) {
    const [, node = '', operator = '', domain = ''] = unimported;
    return `ONNX Runtime knows no operator ${named(operator, domain)}${at(node)}: the model imports no opset of that domain`;
  }
  const custom = /Fatal error: (?:(\S+):)?([^\s:]+)\(-?\d+\) is not a registered function\/op/.exec(said);
  if (custom !== null) return `ONNX Runtime knows no operator ${named(custom[2]!, custom[1] ?? '')}`;
  const unimplemented = /Could not find an implementation for (\S+?)\((\d+)\) node with name '(.*?)'/.exec(said);
  if (unimplemented === null) return undefined;
  const [, operator = '', version, node = ''] = unimplemented;
  return `ONNX Runtime can't compute operator ${named(operator, '')} (version ${version}) with these types${at(node)}`;
}

function named(operator: string, domain: string): string {
  return domain === '' || domain === 'ai.onnx' ? `"${operator}"` : `"${operator}" of "${domain}"`;
}

function at(node: string): string {
  return node === '' ? '' : ` (node "${node}")`;
}
