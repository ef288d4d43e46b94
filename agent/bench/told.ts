/**
 * What a run says of itself, collected for its record and passed on as it comes: words and metrics of a command, phases and figures of a model.
 *
 *     stdout  {"metric": "loss", …} ──▶ metrics       other lines, stderr ──▶ log        channel: phase, progress, figures, epochs, items, failed
 *     pipe    {"metric": "loss", …} ──▶ metrics       other lines are refused
 *
 * Nothing of it is believed blindly: it is a program of somebody else's, or a model that may have taken its process over.
 */
import type { BenchEvent, LogStream } from '../../mesh/bench/event.ts';
import type { BenchPhase, BenchRecord, TimedMetric } from '../../mesh/bench/record.ts';
import { parseEmitted } from '../../mesh/emit.ts';
import { MeshError } from '../../mesh/error.ts';
import type { LoadFigures } from '../../mesh/loadgen/figures.ts';
import { TIMING_ITEMS_MAX } from '../../mesh/timing/workload.ts';
import type { TrainingFigures } from '../../mesh/training/figures.ts';
import { decodeLoadFigures } from '../../mesh/wire-load.ts';
import { optional } from '../../mesh/wire-number.ts';
import { decodeTimedItem } from '../../mesh/wire-timing.ts';
import { decodeEpoch, decodeTrainingFigures, EPOCHS_MAX } from '../../mesh/wire-training.ts';

/** Whichever is reached first: a record is one message, which has an end (mesh/grpc/options.ts). */
const METRICS_MAX = 10_000;
const METRICS_CHARS_MAX = 2 * 2 ** 20;
const REFUSALS_TOLD_MAX = 100;
const PHASES_MAX = 1_000;
const PHASE_CHARS_MAX = 128;
/** A hundred percentiles and some words are two kilobytes. */
const FIGURES_BYTES_MAX = 256 * 1024;
/** With the numbers of an epoch it has a hundred bytes; those before it was resumed come in one message. */
const EPOCH_BYTES_MAX = 256;
const TRAINING_BYTES_MAX = EPOCHS_MAX * EPOCH_BYTES_MAX;
/** A kernel is some hundred bytes, and a large model has a thousand. */
const ITEM_BYTES_MAX = 2 * 2 ** 20;
const LAST_WORDS_CHARS = 4096;
const REASON_CHARS_MAX = 4096;

export class Told {
  readonly #emits: boolean;
  readonly #elapsedMs: () => number;
  readonly #tell: (event: BenchEvent) => void;
  readonly #phases: { readonly name: string; readonly startMs: number; endMs: number }[] = [];
  readonly #metrics: TimedMetric[] = [];
  #metricsChars = 0;
  #metricsLost = 0;
  #stdoutLines = 0;
  #pipeLines = 0;
  #lastWords = '';
  #figures: LoadFigures | undefined;
  #training: TrainingFigures | undefined;
  #items = 0;
  #failure: string | undefined;

  /** `emits`: lines of its standard output may be metrics. `elapsedMs`: since its program began. */
  constructor(emits: boolean, elapsedMs: () => number, tell: (event: BenchEvent) => void) {
    this.#emits = emits;
    this.#elapsedMs = elapsedMs;
    this.#tell = tell;
  }

  /** Why it could not compute, when it said so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** It has said that it computes, or computed. */
  get computed(): boolean {
    return this.#phases.some(({ name }) => name !== 'load');
  }

  get lastWords(): string {
    return this.#lastWords;
  }

  /** For its record, when it has ended. */
  facts(): Pick<BenchRecord, 'phases' | 'load' | 'training' | 'metrics' | 'metricsLost' | 'lastWords'> {
    const phases: BenchPhase[] = this.#phases.map((phase) => ({ ...phase }));
    const open = phases.at(-1);
    if (open !== undefined) phases[phases.length - 1] = { ...open, endMs: this.#elapsedMs() };
    return {
      phases,
      ...optional('load', this.#figures),
      ...optional('training', this.#training),
      metrics: this.#metrics,
      metricsLost: this.#metricsLost,
      lastWords: this.#lastWords.trim(),
    };
  }

  line(stream: Exclude<LogStream, 'agent'>, line: string): void {
    const at = stream === 'stdout' ? ++this.#stdoutLines : 0;
    const emitted = this.#emits && stream === 'stdout' ? parseEmitted(line) : ({ kind: 'words' } as const);
    if (emitted.kind === 'metric') this.#metric({ ...emitted.metric, atMs: this.#elapsedMs() }, line.length);
    else {
      if (stream === 'stderr') this.#lastWords = `${this.#lastWords}${line}\n`.slice(-LAST_WORDS_CHARS);
      this.#tell({ kind: 'log', stream, line });
      if (emitted.kind === 'refused') this.#refuse(`line ${at} of its standard output`, emitted.why);
    }
  }

  /** Of the pipe that is for nothing else. */
  metricsLine(line: string): void {
    this.#pipeLines += 1;
    if (line.trim() === '') return;
    const emitted = parseEmitted(line);
    if (emitted.kind === 'metric') this.#metric({ ...emitted.metric, atMs: this.#elapsedMs() }, line.length);
    else
      this.#refuse(`line ${this.#pipeLines} of its pipe`, emitted.kind === 'refused' ? emitted.why : 'it is no JSON object with "metric"');
  }

  /** Of the server beside it: words, whatever they are. */
  serverLine(stream: Exclude<LogStream, 'agent'>, line: string): void {
    if (stream === 'stderr') this.#lastWords = `${this.#lastWords}${line}\n`.slice(-LAST_WORDS_CHARS);
    this.#tell({ kind: 'log', stream, line });
  }

  /** A message of the process of a model. One that is none is passed over. */
  report(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    const { kind, name, queries, elapsedMs, figures, epoch, best, item, reason } = message as Record<string, unknown>;
    if (kind === 'phase' && typeof name === 'string') this.#phase(name.slice(0, PHASE_CHARS_MAX));
    else if (kind === 'progress' && isAmount(queries) && isAmount(elapsedMs)) this.#tell({ kind, queries: Math.floor(queries), elapsedMs });
    else if (kind === 'failed' && typeof reason === 'string') this.#fail(reason.slice(0, REASON_CHARS_MAX));
    else if (kind === 'figures' && figures instanceof Uint8Array) this.#take(figures, FIGURES_BYTES_MAX, (bytes) => this.#load(bytes));
    else if (kind === 'training' && figures instanceof Uint8Array) this.#take(figures, TRAINING_BYTES_MAX, (bytes) => this.#train(bytes));
    else if (kind === 'epoch' && epoch instanceof Uint8Array)
      this.#take(epoch, EPOCH_BYTES_MAX, (bytes) => this.#epoch(bytes, best === true));
    else if (kind === 'timed' && item instanceof Uint8Array) this.#take(item, ITEM_BYTES_MAX, (bytes) => this.#item(bytes));
  }

  /** Too many are not told, either: whoever listens slowly would pile them up. */
  #phase(name: string): void {
    if (this.#phases.length >= PHASES_MAX) return;
    const atMs = this.#elapsedMs();
    const open = this.#phases.at(-1);
    if (open !== undefined) open.endMs = atMs;
    this.#phases.push({ name, startMs: atMs, endMs: atMs });
    this.#tell({ kind: 'phase', name, atMs });
  }

  #metric(metric: TimedMetric, chars: number): void {
    if (this.#metrics.length >= METRICS_MAX || this.#metricsChars + chars > METRICS_CHARS_MAX) {
      this.#metricsLost += 1;
      return;
    }
    this.#metricsChars += chars;
    this.#metrics.push(metric);
    this.#tell({ kind: 'metric', metric });
  }

  #refuse(where: string, why: string): void {
    this.#metricsLost += 1;
    // A program that is wrong in a loop is wrong in the same way.
    if (this.#metricsLost <= REFUSALS_TOLD_MAX)
      this.#tell({ kind: 'log', stream: 'agent', line: `${where} was refused as a metric: ${why}` });
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.#lastWords = `${this.#lastWords}${reason}\n`.slice(-LAST_WORDS_CHARS);
  }

  #load(bytes: Uint8Array): void {
    this.#figures = decodeLoadFigures(bytes);
  }

  /** Once for each stage; those of later ones know no epochs that are not known here. */
  #train(bytes: Uint8Array): void {
    const { epochs, bestEpoch } = this.#training ?? {};
    const figures = decodeTrainingFigures(bytes);
    this.#training = epochs === undefined ? figures : { ...figures, epochs, ...optional('bestEpoch', bestEpoch) };
  }

  #epoch(bytes: Uint8Array, best: boolean): void {
    const training = this.#training;
    if (training === undefined || training.epochs.length >= EPOCHS_MAX) return;
    const epoch = decodeEpoch(bytes);
    this.#training = {
      ...training,
      epochs: [...training.epochs, epoch],
      ...optional('bestEpoch', best ? training.epochs.length : training.bestEpoch),
    };
    this.#tell({ kind: 'epoch', epoch });
  }

  /** Told, and not kept: nobody asks for them twice. */
  #item(bytes: Uint8Array): void {
    if (this.#items >= TIMING_ITEMS_MAX) return;
    this.#items += 1;
    this.#tell({ kind: 'timed', item: decodeTimedItem(bytes) });
  }

  #take(bytes: Uint8Array, bytesMax: number, take: (bytes: Uint8Array) => void): void {
    try {
      if (bytes.byteLength > bytesMax) throw new MeshError('invalid', `they are ${bytes.byteLength} bytes`);
      take(bytes);
    } catch (error) {
      this.#fail(`its figures make no sense: ${(error as Error).message}`);
    }
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
