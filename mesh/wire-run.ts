/**
 * Orders and records of detached runs: our types ↔ protobuf. Validated once, here: what an order says reaches files and options of a program,
 * so its texts are short, plain, and never taken for anything else than the value of one option.
 */
import {
  type HostedRun as WireHosted,
  RunOrder as WireOrder,
  RunRecord as WireRecord,
  RunState as WireState,
} from '../proto/gen/mesh/v1/runs.ts';
import { MeshError } from './error.ts';
import { blobFromWire, blobToWire } from './files/wire.ts';
import { checkName } from './name.ts';
import { type HostedRun, type RunOrder, type RunRecord, type RunState, runStates, STREAM_OUTPUT } from './run-order.ts';
import { numberFromWire, optional, required } from './wire-number.ts';

/** The only versions of RunOrder and RunRecord there are so far. */
export const RUN_ORDER_VERSION = 1;
export const RUN_RECORD_VERSION = 1;

const TEXT_CHARS_MAX = 4096;
/** A plan file has a line per stage. */
const PLAN_CHARS_MAX = 256 * 1024;
const FILES_MAX = 4096;
const DEVICES_MAX = 1024;

const stateToWire = {
  starting: WireState.RUN_STATE_STARTING,
  streaming: WireState.RUN_STATE_STREAMING,
  done: WireState.RUN_STATE_DONE,
  failed: WireState.RUN_STATE_FAILED,
  stopped: WireState.RUN_STATE_STOPPED,
} as const satisfies Record<RunState, WireState>;

function stateFromWire(wire: WireState): RunState {
  const state = runStates.find((candidate) => stateToWire[candidate] === wire);
  if (state === undefined) throw new MeshError('invalid', `run state ${wire} is not known`);
  return state;
}

export function runOrderToWire(order: RunOrder): WireOrder {
  const { modelFile, window, frames, keepFrames } = order;
  return WireOrder.fromPartial({
    ...order,
    version: RUN_ORDER_VERSION,
    ...(modelFile === undefined ? { modelFile: undefined } : { modelFile: blobToWire(modelFile.model) }),
    externalData: Object.fromEntries([...(modelFile?.externalData ?? [])].map(([name, blob]) => [name, blobToWire(blob)])),
    plan: order.plan ?? '',
    on: [...order.on],
    input: order.input ?? '',
    output: order.output ?? '',
    errorBudget: order.errorBudget ?? '',
    window: window === 'auto' ? undefined : window,
    frames: frames === undefined ? undefined : BigInt(frames),
    keepFrames: keepFrames === undefined ? undefined : BigInt(keepFrames),
  });
}

/** Errors: `invalid` for whatever can't be, `conflict` for another version. */
export function runOrderFromWire(found: WireOrder | undefined): RunOrder {
  const wire = required(found, 'the order');
  checkVersion('run order', wire.version, RUN_ORDER_VERSION);
  const blobs = Object.entries(wire.externalData);
  if (blobs.length > FILES_MAX) throw new MeshError('invalid', `${blobs.length} files of external data are more than ${FILES_MAX}`);
  if (wire.on.length > DEVICES_MAX) throw new MeshError('invalid', `${wire.on.length} devices are more than ${DEVICES_MAX}`);
  const output = optionalText(wire.output, 'output');
  if (output !== undefined && output !== STREAM_OUTPUT && !output.endsWith('.npy')) {
    throw new MeshError('invalid', `the output is "${output}"; expected a path that ends in .npy, or ${STREAM_OUTPUT}`);
  }
  return {
    run: checkName(wire.run, 'run'),
    model: text(wire.model, 'model'),
    modelFile:
      wire.modelFile === undefined
        ? undefined
        : { model: blobFromWire(wire.modelFile), externalData: new Map(blobs.map(([name, blob]) => [name, blobFromWire(blob)])) },
    cuts: text(wire.cuts, 'cuts'),
    plan: wire.plan === '' ? undefined : text(wire.plan, 'plan', PLAN_CHARS_MAX),
    objective: text(wire.objective, 'objective'),
    on: wire.on.map((device) => checkName(device, 'device')),
    spares: wire.spares,
    weight: wire.weight,
    threads: wire.threads,
    frames: wire.frames === undefined ? undefined : numberFromWire(wire.frames, 'frames'),
    input: optionalText(wire.input, 'input'),
    seed: wire.seed,
    output,
    keepFrames: wire.keepFrames === undefined ? undefined : numberFromWire(wire.keepFrames, 'keep_frames'),
    rateFps: wire.rateFps,
    window: wire.window ?? 'auto',
    codec: text(wire.codec, 'codec'),
    errorBudget: optionalText(wire.errorBudget, 'error_budget'),
    shadowEvery: wire.shadowEvery,
    verify: text(wire.verify, 'verify'),
  };
}

export function encodeRunOrder(order: RunOrder): Uint8Array {
  return WireOrder.encode(runOrderToWire(order)).finish();
}

/** Errors as {@link runOrderFromWire}. */
export function decodeRunOrder(bytes: Uint8Array): RunOrder {
  return runOrderFromWire(decoded('run order', () => WireOrder.decode(bytes)));
}

export function encodeRunRecord(record: RunRecord): Uint8Array {
  return WireRecord.encode(
    WireRecord.fromPartial({
      ...record,
      version: RUN_RECORD_VERSION,
      order: runOrderToWire(record.order),
      state: stateToWire[record.state],
      term: BigInt(record.term),
      frames: record.frames === undefined ? undefined : BigInt(record.frames),
    }),
  ).finish();
}

/** Errors: `invalid` for what is no record, `conflict` for another version. */
export function decodeRunRecord(bytes: Uint8Array): RunRecord {
  const wire = decoded('run record', () => WireRecord.decode(bytes));
  checkVersion('run record', wire.version, RUN_RECORD_VERSION);
  const { device, incarnation, epoch, next, fps, model, startedMs, error, hint, note, report, verification } = wire;
  return {
    ...{ device, incarnation, epoch, next, fps, model, startedMs, error, hint, note, report, verification },
    order: runOrderFromWire(wire.order),
    term: numberFromWire(wire.term, 'term'),
    state: stateFromWire(wire.state),
    frames: wire.frames === undefined ? undefined : numberFromWire(wire.frames, 'frames'),
  };
}

export function hostedRunFromWire({ run, pid, restarts, lastWords }: WireHosted): HostedRun {
  return { run: checkName(run, 'run'), ...optional('pid', pid), restarts, lastWords };
}

function optionalText(value: string, what: string): string | undefined {
  return value === '' ? undefined : text(value, what);
}

function text(value: string, what: string, charsMax = TEXT_CHARS_MAX): string {
  if (value.length > charsMax) throw new MeshError('invalid', `${what} of a run has ${value.length} characters, more than ${charsMax}`);
  if (value.includes('\0')) throw new MeshError('invalid', `${what} of a run has a NUL in it`);
  return value;
}

function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new MeshError('invalid', `this is no ${what}`, { cause: error });
  }
}

function checkVersion(what: string, found: number, known: number): void {
  if (found === known) return;
  throw new MeshError('conflict', `a ${what} of version ${found} can't be read: this program knows version ${known}`, {
    hint: 'install the same version of splitmesh on all devices',
  });
}
