/**
 * A timing: one model after the other, and what is known of each is said at once.
 *
 *     session ─▶ speed ─▶ profiled runs ─▶ speed ─▶ warm up ─▶ speed ─▶ batch ─▶ speed ─▶ batch ─▶ … ─▶ speed ─▶ timed         the next
 *
 * A session is as fast after its profile has ended as one without (four models, medians within 2 %), so that it is opened once. A model that is refused, or
 * fails, costs its own times only.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { MeshError } from '../../../mesh/error.ts';
import type { TimedKernel } from '../../../mesh/kernel.ts';
import { median, ranked } from '../../../mesh/ranked.ts';
import { decodeTensorFile } from '../../../mesh/safetensors.ts';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import type { ItemTimes } from '../../../mesh/timing/figures.ts';
import { optional } from '../../../mesh/wire-number.ts';
import { encodeTimedItem } from '../../../mesh/wire-timing.ts';
import { takeProfile, timedKernelsOfProfile } from '../session/kernels.ts';
import type { SessionExtras } from '../session/open-session.ts';
import { toOrt } from '../session/ort-tensor.ts';
import { type Feeds, makeSamples } from '../session/samples.ts';
import { type ProbeTools, SpeedProbe } from '../session/speed-probe.ts';
import type { BenchProcessReport, ItemFiles, TimingProcessOrder } from './protocol.ts';

export interface TimingTools extends ProbeTools {
  readonly say: (report: BenchProcessReport) => void;
  readonly open: (path: string, settings: SessionSettings, extras?: SessionExtras) => Promise<InferenceSession>;
  /** /proc/self/io; undefined where there is none. */
  readonly io: () => string | undefined;
}

const WARM_UP_RUNS = 2;
/** Nothing else waits meanwhile. */
const LOOK_MS = 10;
/** Profiled inferences go on for so long between two looks at the processor's speed. */
const LOOK_EVERY_MS = 30;
const WHY_CHARS_MAX = 4096;

/** Never rejects because of an item. */
export async function time(order: TimingProcessOrder, tools: TimingTools): Promise<void> {
  const { say, now } = tools;
  const startMs = now();
  say({ kind: 'phase', name: 'measure' });
  const probe = await SpeedProbe.open(order.speedProbe, { session: order.session, seed: order.seed, lookMs: LOOK_MS }, tools);
  for (const [index, item] of order.items.entries()) {
    const atMs = now() - startMs;
    const result = await timesOf(item, order, probe, tools).catch((error: unknown) => {
      return { kind: 'failed', why: MeshError.from(error).message.slice(0, WHY_CHARS_MAX) } as const;
    });
    say({ kind: 'timed', item: encodeTimedItem({ index, atMs, result }) });
    // What was said goes out now, not when the next item is done: the channel writes between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await probe?.release();
}

async function timesOf(
  item: ItemFiles,
  order: TimingProcessOrder,
  probe: SpeedProbe | undefined,
  { open, now, io }: TimingTools,
): Promise<ItemTimes> {
  const ioBefore = io();
  const profile = order.kernelRuns > 0 ? join(dirname(item.modelPath), 'profile') : undefined;
  const openMs = now();
  const session = await open(item.modelPath, order.session, profile === undefined ? {} : { profile });
  const sessionMs = now() - openMs;
  try {
    const feeds = feedsOf(item, order.seed);
    let runs = 0;
    const infer = async (): Promise<number> => {
      const startMs = now();
      await session.run(feeds[runs % feeds.length]!, item.outputs as string[]);
      runs += 1;
      return now() - startMs;
    };
    let kernels: TimedKernel[] = [];
    let kernelsMs: number | undefined;
    if (profile !== undefined) {
      kernelsMs = await profiledRuns(WARM_UP_RUNS + order.kernelRuns, infer, probe, now);
      session.endProfiling();
      kernels = await takeProfile(profile, (json) => timedKernelsOfProfile(json, order.kernelRuns, WARM_UP_RUNS));
    }
    await batch(infer, order.warmUpMs, WARM_UP_RUNS, now);
    const { batches, batchesMs } = await batchesBeside(order, infer, probe, now);
    const single = batches.flatMap(({ latencies }) => latencies);
    return {
      kind: 'times',
      ...{ sessionMs, kernels },
      batches: batches.map(({ meanMs }) => meanMs),
      count: single.length,
      medianMs: ranked(single, 0.5),
      p90Ms: ranked(single, 0.9),
      minMs: ranked(single, 0),
      ...(batchesMs === undefined ? {} : { speed: { batchesMs, ...optional('kernelsMs', kernelsMs) } }),
      ...ioSince(ioBefore, io()),
    };
  } finally {
    await session.release();
  }
}

/** The probe's time meanwhile: its median, as kernels have theirs. */
async function profiledRuns(
  count: number,
  infer: () => Promise<number>,
  probe: SpeedProbe | undefined,
  now: () => number,
): Promise<number | undefined> {
  if (probe === undefined) {
    for (let run = 0; run < count; run += 1) await infer();
    return undefined;
  }
  const looks = [await probe.msWhenSettled()];
  let lookedMs = now();
  for (let run = 0; run < count; run += 1) {
    await infer();
    if (now() - lookedMs < LOOK_EVERY_MS && run < count - 1) continue;
    looks.push(await probe.ms());
    lookedMs = now();
  }
  return median(looks);
}

/** `batchesMs`: the probe's time beside each, the mean of just before and just after. */
async function batchesBeside(
  { batches: wanted, batchMs }: TimingProcessOrder,
  infer: () => Promise<number>,
  probe: SpeedProbe | undefined,
  now: () => number,
): Promise<{ readonly batches: readonly Batch[]; readonly batchesMs: readonly number[] | undefined }> {
  const batches: Batch[] = [];
  const batchesMs: number[] = [];
  let beforeMs = await probe?.ms();
  let spentMs = 0;
  while (batches.length < (spentMs <= SLOW * wanted * batchMs || batchMs === 0 ? wanted : wanted / 2)) {
    const made = await batch(infer, batchMs, 1, now);
    batches.push(made);
    spentMs += made.meanMs * made.latencies.length;
    const afterMs = await probe?.ms();
    if (beforeMs !== undefined && afterMs !== undefined) batchesMs.push((beforeMs + afterMs) / 2);
    beforeMs = afterMs;
  }
  return { batches, batchesMs: probe === undefined ? undefined : batchesMs };
}

/** Of what takes so many times longer than all batches should, half of them have to do. */
const SLOW = 2;

interface Batch {
  readonly meanMs: number;
  readonly latencies: readonly number[];
}

/** Inferences until so much time has passed, and so many are behind. */
async function batch(infer: () => Promise<number>, msMin: number, runsMin: number, now: () => number): Promise<Batch> {
  const latencies: number[] = [];
  const startMs = now();
  let elapsedMs = 0;
  while (elapsedMs < msMin || latencies.length < runsMin) {
    latencies.push(await infer());
    elapsedMs = now() - startMs;
  }
  return { meanMs: elapsedMs / latencies.length, latencies };
}

/** What is read one after the other. Error `invalid` when the file has not what the model reads. */
function feedsOf({ inputs, feedsPath }: ItemFiles, seed: number): readonly Feeds[] {
  if (feedsPath === undefined) return makeSamples(inputs, 1, seed).feeds;
  const { tensors } = decodeTensorFile(readFileSync(feedsPath), 'the file of inputs');
  const feeds: Feeds[] = [];
  while (inputs.every(({ name }) => tensors.has(`${feeds.length}.${name}`))) {
    const entries = inputs.map(({ name }) => {
      const { dtype, dims, data } = tensors.get(`${feeds.length}.${name}`)!;
      return [name, toOrt({ dtype, dims, buffer: data.slice().buffer })] as const;
    });
    feeds.push(Object.fromEntries(entries));
  }
  if (feeds.length === 0) throw new MeshError('invalid', `the file of inputs has no 0.${inputs[0]?.name}`);
  return feeds;
}

function ioSince(before: string | undefined, after: string | undefined): Pick<ItemTimes, 'readBytes' | 'writtenBytes'> {
  if (before === undefined || after === undefined) return {};
  const grown = (name: string): number => bytesIn(after, name) - bytesIn(before, name);
  return { readBytes: grown('read_bytes'), writtenBytes: grown('write_bytes') };
}

function bytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
