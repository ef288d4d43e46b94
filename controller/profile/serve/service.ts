/**
 * The routes of the profiling service.
 *
 *     POST /api/profiling   counts of a model   ──▶ where it runs fastest        GET /openapi.json   this, for programs
 *     POST /api/model       the model itself    ──▶ the same                     GET /healthz        it answers
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { MeshError } from '../../../mesh/error.ts';
import type { HttpHandler } from '../../../mesh/http/http-server.ts';
import { linger, readText } from './body.ts';
import { inspectModel } from './inspect-model.ts';
import { isJson, parseMediaType } from './media-type.ts';
import { openapi } from './openapi.ts';
import { type Asked, type Predicting, predictReply } from './predict-reply.ts';
import type { ProfiledSubject } from './profiler-port.ts';
import { type Json, type JsonObject, NumberText } from './python-json.ts';
import { readRequest } from './read-request.ts';
import { receiveModel } from './receive-model.ts';
import { json, notNow, type Reply, refusal } from './reply.ts';

export interface ServiceOptions extends Predicting {
  /** Of a model that is sent. */
  readonly modelBytesMax: number;
  /** Where models lie while they are looked at. */
  readonly tempFolder: string;
  readonly softwareVersion: string;
}

/** Room for thousands of fields that nobody asked for. */
const REQUEST_BYTES_MAX = 256 * 1024;
/** Each may take the whole size of a model on the disk. */
const UPLOADS_MAX = 4;
/** What an answer may take once the request is there. */
const ANSWER_MS = 60_000;

type Route = (request: IncomingMessage, signal: AbortSignal) => Promise<Reply>;
interface Method {
  readonly method: 'GET' | 'POST';
  readonly run: Route;
}

const WELCOME = `The profiler of splitmesh: where does a model run fastest, and how fast?

POST /api/profiling   counts of a model, as JSON
POST /api/model       an ONNX file
GET  /openapi.json    all about both
`;

export function createService(options: ServiceOptions): HttpHandler {
  const uploads = { now: 0 };
  const description = openapi(options.softwareVersion, options.modelBytesMax);
  const routes: Readonly<Record<string, Method>> = {
    '/': { method: 'GET', run: async () => ({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, text: WELCOME }) },
    '/healthz': { method: 'GET', run: async () => json(200, { status: 'ok' }) },
    '/openapi.json': { method: 'GET', run: async () => json(200, description) },
    '/api/profiling': { method: 'POST', run: (request, signal) => profiling(request, options, signal) },
    '/api/model': { method: 'POST', run: (request, signal) => model(request, options, uploads, signal) },
  };
  return async (request, response, signal) => {
    const reply = await replyOf(request, routes, signal);
    send(request, response, reply);
  };
}

async function replyOf(request: IncomingMessage, routes: Readonly<Record<string, Method>>, signal: AbortSignal): Promise<Reply> {
  const path = (request.url ?? '').split('?')[0]!;
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return refusal(404, 'there is nothing here', { hint: `routes: ${Object.keys(routes).join(', ')}` });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== route.method) return refusal(405, `only ${route.method} is answered here`, {}, { allow: route.method });
  return await route.run(request, signal);
}

async function answer(options: ServiceOptions, asked: Asked, signal: AbortSignal): Promise<Reply> {
  const late = AbortSignal.timeout(ANSWER_MS);
  try {
    return await predictReply(options, asked, AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted && !signal.aborted) return notNow(`there was no answer within ${ANSWER_MS / 1000} s`);
    throw error;
  }
}

async function profiling(request: IncomingMessage, options: ServiceOptions, signal: AbortSignal): Promise<Reply> {
  const wrong = wrongEncoding(request);
  if (wrong !== undefined) return wrong;
  const { 'content-type': type = 'nothing' } = request.headers;
  if (!isJson(parseMediaType(type))) return refusal(415, `the body is said to be ${type.slice(0, 80)}; expected application/json in UTF-8`);
  const text = await readText(request, REQUEST_BYTES_MAX);
  if (typeof text !== 'string') return text;
  const read = readRequest(text);
  if ('problems' in read) {
    const count = read.problems.length;
    const problems = read.problems.map((problem): JsonObject => ({ ...problem }));
    return refusal(400, count === 1 ? 'there is a problem with the request' : `there are ${count} problems with the request`, { problems });
  }
  // As published: what was sent comes back, but for this name.
  const characteristics = Object.fromEntries(Object.entries(read.body).filter(([name]) => name !== 'model_name'));
  return await answer(options, { subject: read.subject, characteristics, unused: read.unused }, signal);
}

async function model(request: IncomingMessage, options: ServiceOptions, uploads: { now: number }, signal: AbortSignal): Promise<Reply> {
  const wrong = wrongEncoding(request);
  if (wrong !== undefined) return wrong;
  if (uploads.now >= UPLOADS_MAX) return notNow(`${UPLOADS_MAX} models are being looked at already`);
  uploads.now++;
  const folder = await mkdtemp(join(options.tempFolder, 'splitmesh-profile-'));
  try {
    const query = new URLSearchParams((request.url ?? '').split('?')[1]);
    const received = await receiveModel(request, { folder, bytesMax: options.modelBytesMax, name: query.get('model') ?? undefined });
    if ('status' in received) return received;
    const subject = inspected(received.path, received.name, folder);
    if ('status' in subject) return subject;
    return await answer(options, askedOf(subject), signal);
  } finally {
    uploads.now--;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a model lay here is nobody's business. */
function inspected(path: string, name: string, folder: string): ProfiledSubject | Reply {
  try {
    return inspectModel(path, name);
  } catch (thrown) {
    if (!(thrown instanceof MeshError)) throw thrown;
    const clean = (text: string): string => text.replaceAll(path, name).replaceAll(`${folder}/`, '').replaceAll(folder, '.');
    return refusal(422, clean(thrown.message), thrown.hint === undefined ? {} : { hint: clean(thrown.hint) });
  }
}

/** The characteristics under their published names. */
function askedOf(subject: ProfiledSubject): Asked {
  const { convLayers, fcLayers, filterDetails, poolLayers, totalParameters } = subject.characteristics;
  const count = (value: number | undefined): Json => (value === undefined ? null : new NumberText(`${BigInt(value)}`));
  const characteristics = {
    conv_layers: count(convLayers),
    fc_layers: count(fcLayers),
    filter_details: count(filterDetails),
    model: subject.model,
    model_input_size: count(subject.inputBytes),
    model_output_size: count(subject.outputBytes),
    pool_layers: count(poolLayers),
    total_parameters: count(totalParameters),
  };
  return { subject, characteristics, unused: [] };
}

function wrongEncoding({ headers }: IncomingMessage): Reply | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' ? undefined : refusal(415, `the body is encoded (${encoding.slice(0, 40)}); expected it as it is`);
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, text }: Reply): void {
  const unread = !request.complete;
  // The rest of a request that is not read would pass for the next one.
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text), ...(unread ? { connection: 'close' } : {}) });
  response.end(request.method === 'HEAD' ? undefined : text);
  if (unread) linger(request);
}
