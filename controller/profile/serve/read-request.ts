/** From the body of a profiling request to what is asked. All that is wrong with it is said at once. */
import { MeshError } from '../../../mesh/error.ts';
import type { ProfiledSubject } from './profiler-port.ts';
import { type Json, type JsonObject, NumberText, parseJson } from './python-json.ts';
import { type FieldName, kinds, type RequestField, requestFields, TEXT_MAX } from './request-fields.ts';

export interface Problem {
  /** Empty: the body as a whole. */
  readonly field: string;
  readonly problem: string;
  readonly expected: string;
}

export interface ProfilingRequest {
  readonly subject: ProfiledSubject;
  /** As it came: the answer repeats it. */
  readonly body: JsonObject;
  /** Fields that nothing was made of. */
  readonly unused: readonly string[];
}

const known: readonly string[] = requestFields.map(({ name }) => name);

export function readRequest(text: string): ProfilingRequest | { readonly problems: readonly Problem[] } {
  let body: Json;
  try {
    body = parseJson(text);
  } catch (error) {
    return { problems: [{ field: '', problem: MeshError.from(error).message, expected: 'a JSON object' }] };
  }
  if (!isObject(body)) return { problems: [{ field: '', problem: `the body is ${shown(body)}`, expected: 'a JSON object' }] };
  const problems = requestFields.flatMap((field) => problemOf(field, Object.hasOwn(body, field.name) ? body[field.name] : undefined));
  if (problems.length > 0) return { problems };
  return { subject: subjectOf(body), body, unused: Object.keys(body).filter((name) => !known.includes(name)) };
}

function problemOf({ name, kind }: RequestField, value: Json | undefined): Problem[] {
  const fits = kind === 'text' ? isText(value) : isCount(value);
  return fits
    ? []
    : [{ field: name, problem: value === undefined ? 'it is missing' : `it is ${shown(value)}`, expected: kinds[kind].expected }];
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_MAX;
}

/** 66 and 66.0 alike: clients exist that know only one kind of number. */
function isCount(value: Json | undefined): boolean {
  return value instanceof NumberText && Number.isInteger(Number(value.text)) && Number(value.text) >= 0;
}

function subjectOf(body: JsonObject): ProfiledSubject {
  const count = (name: FieldName): number => Number((body[name] as NumberText).text);
  return {
    model: body.model as string,
    characteristics: {
      convLayers: count('conv_layers'),
      poolLayers: count('pool_layers'),
      fcLayers: count('fc_layers'),
      filterDetails: count('filter_details'),
      totalParameters: count('total_parameters'),
    },
    inputBytes: count('model_input_size'),
    outputBytes: count('model_output_size'),
  };
}

/** Short, whatever was sent. */
function shown(value: Json): string {
  if (value instanceof NumberText) return value.text.slice(0, 40);
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : value.length > 40 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : String(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}
