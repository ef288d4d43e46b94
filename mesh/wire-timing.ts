/**
 * Timing, as it is asked for and as it went: our types ↔ protobuf. Validated once, here.
 */
import {
  TimedItem as WireItem,
  type BackgroundLoad as WireLoad,
  type ItemSpeed as WireSpeed,
  type ItemTimes as WireTimes,
  type TimingWorkload as WireWorkload,
} from '../proto/gen/mesh/v1/bench.ts';
import type { TimingItem as WireTimingItem } from '../proto/gen/mesh/v1/types.ts';
import type { BackgroundLoad } from './bench/order.ts';
import { MeshError } from './error.ts';
import { blobFromWire, blobsFromWire, blobsToWire, blobToWire } from './files/wire.ts';
import type { ItemSpeed, ItemTimes, TimedItem } from './timing/figures.ts';
import { TIMING_ITEMS_MAX, type TimingItem, type TimingWorkload } from './timing/workload.ts';
import { numberFromWire, optional, required } from './wire-number.ts';
import { kernelFromWire, kernelToWire, sessionSettingsFromWire } from './wire-session.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';

/** Nobody waits longer for one batch. */
const MS_MAX = 3_600_000;
const COUNT_MAX = 100_000;
/** More than any machine has. */
const CORES_MAX = 4096;

export function timingToWire(workload: TimingWorkload): WireWorkload {
  const { items, session, warmUpMs, batches, batchMs, kernelRuns, seed, speedProbe } = workload;
  return {
    items: items.map(timingItemToWire),
    session: { ...session },
    ...{ warmUpMs, batches, batchMs, kernelRuns, seed },
    speedProbe: speedProbe === undefined ? undefined : timingItemToWire(speedProbe),
  };
}

/** Error `invalid` names the field that makes no sense. */
export function timingFromWire(wire: WireWorkload): TimingWorkload {
  const { warmUpMs, batches, batchMs, kernelRuns, seed, speedProbe } = wire;
  if (wire.items.length === 0 || wire.items.length > TIMING_ITEMS_MAX)
    throw new MeshError('invalid', `a timing of ${wire.items.length} items: expected 1 to ${TIMING_ITEMS_MAX}`);
  for (const [name, ms] of Object.entries({ warm_up_ms: warmUpMs, batch_ms: batchMs }))
    if (!(ms >= 0 && ms <= MS_MAX)) throw new MeshError('invalid', `${name} is ${ms}: expected 0 to ${MS_MAX}`);
  if (batches < 1 || batches > COUNT_MAX) throw new MeshError('invalid', `batches is ${batches}: expected 1 to ${COUNT_MAX}`);
  if (kernelRuns > COUNT_MAX) throw new MeshError('invalid', `kernel_runs is ${kernelRuns}: expected at most ${COUNT_MAX}`);
  return {
    kind: 'timing',
    items: wire.items.map(timingItemFromWire),
    session: sessionSettingsFromWire(required(wire.session, 'session')),
    ...{ warmUpMs, batches, batchMs, kernelRuns, seed },
    ...optional('speedProbe', speedProbe === undefined ? undefined : timingItemFromWire(speedProbe)),
  };
}

export function timingItemToWire({ model, externalData, inputs, outputs, feeds }: TimingItem): WireTimingItem {
  return {
    model: blobToWire(model),
    externalData: blobsToWire(externalData),
    inputs: inputs.map(tensorSpecToWire),
    outputs: [...outputs],
    feeds: feeds === undefined ? undefined : blobToWire(feeds),
  };
}

/** Error `invalid` when it has no input or no output. */
export function timingItemFromWire({ model, externalData, inputs, outputs, feeds }: WireTimingItem): TimingItem {
  if (inputs.length === 0 || outputs.length === 0) throw new MeshError('invalid', 'a model needs at least one input and one output');
  return {
    model: blobFromWire(model),
    externalData: blobsFromWire(externalData),
    inputs: inputs.map(tensorSpecFromWire),
    outputs,
    ...optional('feeds', feeds === undefined ? undefined : blobFromWire(feeds)),
  };
}

export function timedItemToWire({ index, atMs, result }: TimedItem): WireItem {
  return {
    ...{ index, atMs },
    result: result.kind === 'failed' ? { $case: 'failure', value: result.why } : { $case: 'times', value: timesToWire(result) },
  };
}

function timesToWire({ kind: _, count, kernels, readBytes, writtenBytes, batches, speed, ...rest }: ItemTimes): WireTimes {
  return {
    ...rest,
    batches: [...batches],
    count: BigInt(count),
    kernels: kernels.map(({ us, ...kernel }) => ({ kernel: kernelToWire(kernel), us })),
    readBytes: readBytes === undefined ? undefined : BigInt(readBytes),
    writtenBytes: writtenBytes === undefined ? undefined : BigInt(writtenBytes),
    speed: speed === undefined ? undefined : { kernelsMs: speed.kernelsMs, batchesMs: [...speed.batchesMs] },
  };
}

/** Error `invalid` for whatever can't be. */
export function timedItemFromWire({ index, atMs, result }: WireItem): TimedItem {
  const told = required(result, 'the result of an item');
  if (told.$case === 'failure') return { index, atMs, result: { kind: 'failed', why: told.value } };
  return { index, atMs, result: timesFromWire(told.value) };
}

function timesFromWire(wire: WireTimes): ItemTimes {
  const { sessionMs, batches, medianMs, p90Ms, minMs, readBytes, writtenBytes, speed } = wire;
  if (batches.length === 0) throw new MeshError('invalid', 'times of no batch');
  const times = [sessionMs, ...batches, medianMs, p90Ms, minMs, ...wire.kernels.map(({ us }) => us)];
  const wrong = times.find((time) => !(time >= 0 && Number.isFinite(time)));
  if (wrong !== undefined) throw new MeshError('invalid', `a time of ${wrong}: expected 0 or more`);
  return {
    kind: 'times',
    ...{ sessionMs, batches, medianMs, p90Ms, minMs },
    count: numberFromWire(wire.count, 'count'),
    kernels: wire.kernels.map(({ kernel, us }) => ({ ...kernelFromWire(required(kernel, 'a kernel')), us })),
    ...optional('readBytes', readBytes === undefined ? undefined : numberFromWire(readBytes, 'read_bytes')),
    ...optional('writtenBytes', writtenBytes === undefined ? undefined : numberFromWire(writtenBytes, 'written_bytes')),
    ...optional('speed', speed === undefined ? undefined : speedFromWire(speed, batches.length)),
  };
}

/** Times are divided by these. */
function speedFromWire({ kernelsMs, batchesMs }: WireSpeed, batches: number): ItemSpeed {
  const wrong = [...batchesMs, ...(kernelsMs === undefined ? [] : [kernelsMs])].find((ms) => !(ms > 0 && Number.isFinite(ms)));
  if (wrong !== undefined) throw new MeshError('invalid', `a speed probe of ${wrong} ms: expected more than 0`);
  if (batchesMs.length !== batches) throw new MeshError('invalid', `${batchesMs.length} speed probes beside ${batches} batches`);
  return { ...optional('kernelsMs', kernelsMs), batchesMs };
}

export function encodeTimedItem(item: TimedItem): Uint8Array {
  return WireItem.encode(timedItemToWire(item)).finish();
}

/** Error `invalid` for bytes that are no item. */
export function decodeTimedItem(bytes: Uint8Array): TimedItem {
  try {
    return timedItemFromWire(WireItem.decode(bytes));
  } catch (error) {
    throw MeshError.from(error, 'invalid');
  }
}

/** Error `invalid` for a load that can't be made. */
export function backgroundLoadFromWire(wire: WireLoad | undefined): BackgroundLoad | undefined {
  if (wire === undefined) return undefined;
  const { cores, duty } = wire;
  if (cores < 1 || cores > CORES_MAX) throw new MeshError('invalid', `a background load on ${cores} cores: expected 1 to ${CORES_MAX}`);
  if (!(duty > 0 && duty <= 1)) throw new MeshError('invalid', `a background load of duty ${duty}: expected more than 0, at most 1`);
  return { cores, duty };
}
