/** What `controller bench sweep` can be told. */
import { formatBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { vibrationModels } from '../../partition/zoo/catalogue.ts';
import { limitValues } from '../bench/run-sweep.ts';
import type { SweepSearch, SweepSpec, SweepVariant, SweepWorkload } from '../bench/sweep.ts';
import {
  busyKinds,
  deadlineOf,
  limitKinds,
  loadHelp,
  loadKinds,
  modelHelp,
  modelKinds,
  parseLimits,
  parseLoad,
  parsePageCache,
  parseSeed,
  parseThreads,
  placeHelp,
  placeKinds,
  sizeOf,
} from './bench-options.ts';
import { needed, oneOf, type parseOptions, positiveNumber, wholeNumber } from './options.ts';
import { parseTraining, trainingHelp, trainingKinds } from './training-options.ts';

export const sweepHelp = `Measures a model again and again while one limit changes, or looks for the smallest memory that does. Every value that was tried is a
row, whatever came of it; a sweep that was interrupted or killed goes on where it stopped.

Usage: controller bench sweep --model MODEL --limit memory|cpu --from VALUE --to VALUE --step VALUE [OPTION]...
       controller bench sweep --model MODEL --limit memory --find-min [OPTION]...
       controller bench sweep --resume SWEEP

What changes
  --limit NAME         memory (1024MiB) or cpu (cores: 0.5)
  --from, --to VALUE   the first and the last value. With --find-min: where the search begins (default 1024MiB), and below which it does
                       not look (default 8MiB)
  --step VALUE         from one value to the next
  --repeat N           runs at each value, in rounds over all values (default 3)
  --find-min           the smallest memory, by bisection to 1 MiB: at most 12 runs, three of them at the edge
  --page-cache STATES  warm (its files are read before), cold (they are dropped before), as-is; several with commas (default warm; with
                       --find-min warm,cold)
  --swap SIZES         0,512MiB compares without and with swap (default 0)

What stays
  --memory, --memory-high, --cpu, --cpus, --pids   the other limits, as for controller bench run
${modelHelp}
                       several models or modes with commas make a study: a sweep for each, and one report; "--model vibration" are the eight vibration
                       models; after --mode train,infer inference is measured on the best model that was trained

Inference: --mode infer
${loadHelp}

Training: --mode train (here 3 epochs are the default)
${trainingHelp}

Where and when
${placeHelp}

Results
  --resume SWEEP       go on with a sweep or a study: its name, the beginning of it, or "last"
  --json               the report as JSON (docs/schema/sweep.schema.json)
  --data DIR           where it is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Then: controller report --sweep last --open
Exit code: 0 when some run was ok, 1 when none was, 2 usage.
`;

export const sweepKinds = {
  ...placeKinds,
  ...busyKinds,
  ...limitKinds,
  ...modelKinds,
  ...loadKinds,
  ...trainingKinds,
  limit: 'text',
  from: 'text',
  to: 'text',
  step: 'text',
  repeat: 'text',
  'find-min': 'flag',
  'page-cache': 'text',
  resume: 'text',
} as const;

export type SweepValues = ReturnType<typeof parseOptions<typeof sweepKinds>>['values'];

const DURATIONS = { durationMs: 2_000, durationMsMax: 20_000 };
const REPEAT = 3;
/** A row of training that takes longer than twice this, and a minute, hangs. */
const TRAINING_MS_MAX = 30 * 60_000;
/** Of each row. */
const EPOCHS = 3;
/** All of them. */
const VIBRATION = 'vibration';
const MIB = 2 ** 20;
/** Of a search: where it begins, and where it ends. MiB. */
const FROM_MIB = 1024;
const FLOOR_MIB = 8;
/** More would take days. */
const RUNS_MAX = 10_000;

/** What is to be swept over, in this order. Several are a study. Error `usage`. */
export function parseSweeps(values: SweepValues): SweepPlan[] {
  const named = needed(
    values.model,
    '--model',
    'controller bench sweep --model resnet18 --limit memory --from 512MiB --to 64MiB --step 64MiB',
  );
  const models = named === VIBRATION ? vibrationModels : named.split(',').map((each) => each.trim());
  const modes = (values.mode ?? 'infer').split(',').map((each) => oneOf('--mode', each.trim(), ['infer', 'train']));
  for (const [what, list] of [
    ['--model', models],
    ['--mode', modes],
  ] as const)
    if (new Set(list).size < list.length) throw new MeshError('usage', `${what} names one twice`);
  refuseAlien(values, modes);
  const ordered = modes.toSorted((a, b) => Number(a === 'infer') - Number(b === 'infer'));
  return models.flatMap((model) =>
    ordered.map((mode) => ({ spec: parseSweep(values, model, mode), ofBest: mode === 'infer' && modes.includes('train') })),
  );
}

export interface SweepPlan {
  readonly spec: SweepSpec;
  /** Of the best model of the sweep before it. */
  readonly ofBest: boolean;
}

type Mode = SweepWorkload['mode'];

/** What one mode alone understands. */
function refuseAlien(values: SweepValues, modes: readonly Mode[]): void {
  const refuse = (mode: Mode, options: readonly string[]): void => {
    const alien = options.find((option) => values[option as keyof SweepValues] !== undefined);
    if (alien !== undefined && !modes.includes(mode)) throw new MeshError('usage', `--${alien} is for --mode ${mode}`);
  };
  refuse('infer', Object.keys(loadKinds));
  refuse('train', Object.keys(trainingKinds));
}

/** Its device is filled in when it is known. */
function parseSweep(values: SweepValues, model: string, mode: Mode): SweepSpec {
  const limit = oneOf('--limit', needed(values.limit, '--limit', 'memory or cpu'), ['memory', 'cpu']);
  if (values[limit] !== undefined) throw new MeshError('usage', `--${limit} is what changes: --from, --to and --step say how`);
  // Swap is one of the things that change: it belongs to each run.
  const { swap, ...fixed } = values;
  const limits = parseLimits(fixed);
  if (swap !== undefined && limit === 'cpu' && limits.memoryLimitBytes === undefined)
    throw new MeshError('usage', '--swap says how much there is beyond --memory, which is missing');
  const variants = parseVariants(values);
  const workload = parseWorkload(values, model, mode);
  return {
    workload,
    device: values.on ?? '',
    limit,
    search: values['find-min'] === true ? parseMinimum(values, limit) : parseSteps(values, limit, variants.length),
    variants,
    limits,
    deadlineMs: deadlineOf(values.timeout, workload.mode === 'infer' ? workload.load.durationMsMax : TRAINING_MS_MAX),
    besideStages: values['beside-stages'] === true,
  };
}

function parseWorkload(values: SweepValues, model: string, mode: Mode): SweepWorkload {
  if (mode === 'train') return { mode, model, sha256: '', training: parseTraining(model, values, { epochs: EPOCHS }) };
  const load = parseLoad(values, DURATIONS);
  return { mode, model, sha256: '', load, threads: parseThreads(values.threads), seed: parseSeed(values.seed) };
}

function parseSteps(values: SweepValues, limit: SweepSpec['limit'], variants: number): SweepSearch {
  const usage = limit === 'memory' ? '--from 1024MiB --to 64MiB --step 64MiB' : '--from 2 --to 0.2 --step 0.2';
  const value = (option: 'from' | 'to' | 'step'): number => {
    const text = needed(values[option], `--${option}`, `for example ${usage}; or --find-min`);
    return limit === 'memory' ? mebibytes(`--${option}`, text) : positiveNumber(`--${option}`, text);
  };
  const [from, to, step] = [value('from'), value('to'), value('step')];
  const repeat = values.repeat === undefined ? REPEAT : wholeNumber('--repeat', values.repeat, 1);
  const runs = (Math.floor(Math.abs(from - to) / step) + 1) * repeat * variants;
  if (runs > RUNS_MAX)
    throw new MeshError('usage', `these are ${runs} runs, at most ${RUNS_MAX} are possible`, {
      hint: 'choose a larger --step or a smaller --repeat',
    });
  return { kind: 'steps', values: limitValues(from, to, step), repeat };
}

function parseMinimum(values: SweepValues, limit: SweepSpec['limit']): SweepSearch {
  if (limit !== 'memory') throw new MeshError('usage', '--find-min looks for the smallest memory: --limit memory');
  const alien = (['step', 'repeat'] as const).find((option) => values[option] !== undefined);
  if (alien !== undefined) throw new MeshError('usage', `--${alien} says nothing with --find-min`);
  const from = values.from === undefined ? FROM_MIB : mebibytes('--from', values.from);
  const floor = values.to === undefined ? Math.min(FLOOR_MIB, from) : mebibytes('--to', values.to);
  if (floor > from) throw new MeshError('usage', '--to is above --from: the search goes down');
  return { kind: 'minimum', from, floor };
}

function parseVariants(values: SweepValues): SweepVariant[] {
  const states = (values['page-cache'] ?? (values['find-min'] === true ? 'warm,cold' : 'warm'))
    .split(',')
    .map((text) => parsePageCache('--page-cache', text.trim()));
  const swaps =
    values.swap === undefined ? [undefined] : values.swap.split(',').map((text) => (text.trim() === '0' ? 0 : sizeOf('--swap', text)));
  const variants = swaps.flatMap((swapBytes) => states.map((pageCache) => ({ pageCache, swapBytes })));
  if (new Set(variants.map((variant) => JSON.stringify(variant))).size < variants.length)
    throw new MeshError('usage', '--page-cache or --swap names one twice');
  return variants;
}

/** Whole mebibytes: a limit is what the kernel is told, without rounding. */
function mebibytes(option: string, text: string): number {
  const bytes = sizeOf(option, text);
  if (bytes % MIB !== 0)
    throw new MeshError('usage', `${option}: "${text}" is ${formatBytes(bytes)}, no whole number of MiB: expected for example 64MiB`);
  return bytes / MIB;
}
