/**
 * The published request, one field a line: what the validator demands is what the description says (openapi.ts).
 *
 * Source of names and order: the README of PEPPER's profiler.
 */
export interface RequestField {
  readonly name: string;
  readonly kind: 'text' | 'count';
  readonly about: string;
  readonly example: string | number;
}

export const requestFields = [
  { name: 'model', kind: 'text', about: 'Name of the model, for the answer.', example: 'resnet18' },
  { name: 'conv_layers', kind: 'count', about: 'Convolutions with weights of their own.', example: 20 },
  { name: 'pool_layers', kind: 'count', about: 'Pooling layers.', example: 2 },
  { name: 'fc_layers', kind: 'count', about: 'Fully connected layers.', example: 1 },
  { name: 'filter_details', kind: 'count', about: 'Output channels of all convolutions, added.', example: 4800 },
  { name: 'total_parameters', kind: 'count', about: 'Elements of all weights.', example: 11689512 },
  { name: 'model_input_size', kind: 'count', about: 'Bytes of all inputs of one inference.', example: 602112 },
  { name: 'model_output_size', kind: 'count', about: 'Bytes of all outputs of one inference.', example: 4000 },
] as const satisfies readonly RequestField[];

export type FieldName = (typeof requestFields)[number]['name'];

export const TEXT_MAX = 256;

/** What a field has to be, in words and as JSON Schema. */
export const kinds = {
  text: { expected: `a text of 1 to ${TEXT_MAX} characters`, schema: { type: 'string', minLength: 1, maxLength: TEXT_MAX } },
  count: { expected: 'a whole number of at least 0', schema: { type: 'integer', minimum: 0 } },
} as const satisfies Record<RequestField['kind'], unknown>;
