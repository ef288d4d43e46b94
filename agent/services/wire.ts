/**
 * Requests of the Agent service → our nouns. Validated once, here.
 */
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { type CodecCycle, checkCodecCycle } from '../../mesh/codec-cycle.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { checkName } from '../../mesh/name.ts';
import type { StageKey } from '../../mesh/stage.ts';
import { numberFromWire, optional, required } from '../../mesh/wire-number.ts';
import { sessionSettingsFromWire } from '../../mesh/wire-session.ts';
import { stageKeyFromWire } from '../../mesh/wire-stage.ts';
import { tensorSpecFromWire } from '../../mesh/wire-tensor.ts';
import { timingItemFromWire } from '../../mesh/wire-timing.ts';
import { turnsFromWire } from '../../mesh/wire-turns.ts';
import type { LoadRequest, RecodeRequest, StageInput, StageOutput, StartRequest } from '../../proto/gen/mesh/v1/agent.ts';
import type { BlobRef } from '../../proto/gen/mesh/v1/types.ts';
import { USUAL_WEIGHT } from '../cgroup/hierarchy.ts';
import type { StageOrder, StageStart } from '../stages/stage-order.ts';

const LEASE_MS_MIN = 100;

/** Error `invalid` names the field that makes no sense. */
export function stageOrderOf(request: LoadRequest): StageOrder {
  const { cpuQuotaCores, memoryLimitBytes } = request;
  if (cpuQuotaCores !== undefined && !(cpuQuotaCores > 0))
    throw new MeshError('invalid', `cpu_quota_cores is ${cpuQuotaCores}: expected more than 0`);
  if (request.leaseMs < LEASE_MS_MIN) throw new MeshError('invalid', `lease_ms is ${request.leaseMs}: expected at least ${LEASE_MS_MIN}`);
  if (request.windowFrames < 1) throw new MeshError('invalid', 'window_frames is 0: expected at least 1');
  if (request.inputs.length === 0 || request.outputs.length === 0)
    throw new MeshError('invalid', 'a stage needs at least one input and one output');
  return {
    key: stageKeyFromWire(request.key),
    model: blobOf(request.model, 'model'),
    externalData: new Map(Object.entries(request.externalData).map(([name, blob]) => [name, blobOf(blob, `external data ${name}`)])),
    inputs: request.inputs.map(tensorSpecFromWire),
    outputs: request.outputs,
    session: sessionSettingsFromWire(required(request.session, 'session')),
    ...(cpuQuotaCores === undefined ? {} : { cpuQuotaCores }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes: numberFromWire(memoryLimitBytes, 'memory_limit_bytes') }),
    weight: request.weight === 0 ? USUAL_WEIGHT : request.weight,
    warmupRuns: request.warmupRuns,
    ...optional('speedProbe', request.speedProbe === undefined ? undefined : timingItemFromWire(request.speedProbe)),
    leaseMs: request.leaseMs,
    fresh: request.fresh,
    windowFrames: request.windowFrames,
    windowBytes: numberFromWire(request.windowBytes, 'window_bytes'),
    routes: request.routes.map(routeOf),
  };
}

export interface Recoding {
  readonly key: StageKey;
  readonly to: string;
  readonly codecs: CodecCycle;
}

export function recodingOf(request: RecodeRequest): Recoding {
  return { key: stageKeyFromWire(request.key), to: peerOf(request.to, SINK), codecs: codecsOf(request.codecs) };
}

export function stageStartOf({ inputs, firstFrame }: StartRequest): StageStart {
  return { first: firstFrame, inputs: inputs.map(inputOf) };
}

function inputOf(input: StageInput): StageStart['inputs'][number] {
  return {
    from: peerOf(input.from, SOURCE),
    address: input.address,
    tensors: tensorsOf(input),
    ...turnsFromWire(input.turns, `the route from ${input.from}`),
  };
}

function routeOf(output: StageOutput): StageOrder['routes'][number] {
  return {
    to: peerOf(output.to, SINK),
    tensors: tensorsOf(output),
    codecs: codecsOf(output.codecs),
    ...turnsFromWire(output.turns, `the route to ${output.to}`),
  };
}

function peerOf(name: string, end: string): string {
  return name === end ? name : checkName(name, 'stage');
}

function tensorsOf({ tensors }: { readonly tensors: readonly string[] }): readonly string[] {
  if (tensors.length === 0) throw new MeshError('invalid', 'a route carries no tensors');
  return tensors;
}

/** Errors: those of `checkCodecCycle`. A stage is the same build as its agent. */
function codecsOf(codecs: readonly string[]): CodecCycle {
  checkCodecCycle(codecs, tensorCodecs);
  return codecs;
}

function blobOf(wire: BlobRef | undefined, what: string): Blob {
  const { sha256, bytes } = required(wire, what);
  if (sha256.length !== 32) throw new MeshError('invalid', `the SHA-256 of the ${what} has ${sha256.length} bytes: expected 32`);
  return { sha256, bytes: numberFromWire(bytes, `the size of the ${what}`) };
}
