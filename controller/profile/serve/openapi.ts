/** The service, described for programs (OpenAPI 3.1). What a request must have comes from the validator's own table. */
import type { JsonObject } from './python-json.ts';
import { kinds, requestFields } from './request-fields.ts';

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const number = (description: string): JsonObject => ({ type: 'number', description });
const text = (description: string): JsonObject => ({ type: 'string', description });
const nullable = (type: string, description: string): JsonObject => ({ anyOf: [{ type }, { type: 'null' }], description });
const list = (items: JsonObject, description: string): JsonObject => ({ type: 'array', items, description });
const closed = (properties: JsonObject): JsonObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
  additionalProperties: false,
});

const published = {
  class: text('Computer or VM, as characterization agents say it.'),
  device_model: text('What device it is; empty: it does not say.'),
  model: text('The model of the request.'),
  node: text('Name of the device.'),
  node_uuid: text('UUID of the device.'),
  predicted_execution_time: number('Seconds of one inference.'),
};

const ours = {
  interval: ref('Interval'),
  interval_note: nullable('string', 'Why the interval has no upper end; null: it has one.'),
  measurements: { type: 'integer', minimum: 0, description: 'Samples of this device behind the prediction.' },
  extrapolates: list({ type: 'string' }, 'What lies outside of all that was measured.'),
  contributions: list(ref('Contribution'), 'The three that count most, largest first.'),
  state_age_seconds: number('How old the state of the device was.'),
};

const schemas: JsonObject = {
  ProfilingRequest: {
    type: 'object',
    description: 'More fields are accepted; nothing is made of them, and the answer names them.',
    required: requestFields.map(({ name }) => name),
    properties: Object.fromEntries(
      requestFields.map(({ name, kind, about, example }) => [name, { ...kinds[kind].schema, description: about, examples: [example] }]),
    ),
  },
  ProfilingAnswer: closed({
    message: text('Always the same.'),
    model_characteristics: {
      type: 'object',
      description: 'What was sent, or found in the model; a size that the model leaves open is null.',
    },
    profiling_prediction: closed(published),
    status: { enum: ['success'] },
    alternatives: list(closed({ ...published, ...ours }), 'The other devices, fastest first.'),
    ...ours,
    left_out: list(ref('LeftOut'), 'Devices that are known and nothing is predicted for.'),
    unused_fields: list({ type: 'string' }, 'Fields of the request that nothing was made of.'),
  }),
  Interval: {
    ...closed({ high: nullable('number', 'null: infinite.'), low: number('Seconds.') }),
    description: 'Seconds between which the time lies in 90 % of cases.',
  },
  Contribution: closed({
    name: text('What it is.'),
    unit: { enum: ['ms', '×'] },
    value: number('Milliseconds that it adds, or the factor that it multiplies with.'),
  }),
  LeftOut: closed({ node: text('Name of the device.'), reasons: list({ type: 'string' }, 'Why, all of them.') }),
  Problem: closed({
    field: text('Empty: the body as a whole.'),
    problem: text('What is wrong.'),
    expected: text('What was expected.'),
  }),
  Refusal: {
    type: 'object',
    required: ['status', 'message'],
    properties: {
      status: { enum: ['error'] },
      message: text('Why, in a sentence.'),
      hint: text('What can be done.'),
      problems: list(ref('Problem'), 'All that is wrong with the request.'),
      left_out: list(ref('LeftOut'), 'Devices that are known and can not be used now.'),
    },
    additionalProperties: false,
  },
};

const body = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });
const refused = (description: string): JsonObject => ({ description, content: body(ref('Refusal')) });

const answers: JsonObject = {
  200: { description: 'Where the model runs fastest, and how fast elsewhere.', content: body(ref('ProfilingAnswer')) },
  400: refused('All that is wrong with the request.'),
  413: refused('The body is too long.'),
  415: refused('The body is of another type, or encoded.'),
  422: refused('The model can not be read, or not be predicted.'),
  503: refused('No device is known, no state is fresh and complete, or nothing has been learned.'),
};

/** `modelBytesMax` is said where a model is sent. */
export function openapi(version: string, modelBytesMax: number): JsonObject {
  const file = { type: 'string', format: 'binary' };
  return {
    openapi: '3.1.0',
    info: { title: 'splitmesh profiler', version, summary: 'Where does a model run fastest, and how fast?' },
    paths: {
      '/api/profiling': {
        post: {
          operationId: 'profile',
          summary: 'Predicts from counts of a model.',
          requestBody: { required: true, content: body(ref('ProfilingRequest')) },
          responses: answers,
        },
      },
      '/api/model': {
        post: {
          operationId: 'profileModel',
          summary: `Predicts for an ONNX file of at most ${modelBytesMax} bytes.`,
          parameters: [
            { name: 'model', in: 'query', required: false, schema: { type: 'string' }, description: 'Name of the model, for the answer.' },
          ],
          requestBody: {
            required: true,
            content: {
              'application/octet-stream': { schema: file },
              'multipart/form-data': { schema: { type: 'object', required: ['file'], properties: { file } } },
            },
          },
          responses: answers,
        },
      },
      '/healthz': {
        get: {
          operationId: 'health',
          summary: 'It answers.',
          responses: { 200: { description: 'It does.', content: body(closed({ status: { enum: ['ok'] } })) } },
        },
      },
      '/openapi.json': {
        get: {
          operationId: 'description',
          summary: 'This.',
          responses: { 200: { description: 'OpenAPI 3.1.', content: body({ type: 'object' }) } },
        },
      },
    },
    components: { schemas },
  };
}
