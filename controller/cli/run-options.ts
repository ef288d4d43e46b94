/** The options of `controller run`: their help, and from text to values. */

import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { NO_CODEC } from '../../mesh/codec.ts';
import type { OptionValues } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import { STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { AUTO_CODEC } from '../../partition/plan.ts';
import { parseErrorBudget } from '../codec/error-budget.ts';
import type { Dropping } from '../run/arrivals.ts';
import { oneOf, parseOptions, positiveNumber, wholeNumber } from './options.ts';
import type { CodecWish } from './planned-run.ts';

export const runHelp = `Cuts a model into stages, places them on devices, streams frames through them and measures everything.

Usage: controller run --split MODEL[@CUT[,CUT…]] [OPTIONS]

What runs
  --split MODEL@CUT,…   MODEL: a name (resnet, mobilenetv2, …) or the path of an .onnx file. CUT: layerN (after layer N; see
                        controller layers MODEL), or the name of a node or tensor. No cut: one stage
  --split MODEL@PARTS   some layers in N parts at once, each on a device of its own; what comes before is on the first of them, the rest
                        on the last. N may be proportions, 2:1:1, or N:auto: as large as their devices are fast. PARTS:
                          tiles:A-BxN      layers A to B in bands of rows (AxB: a grid of rows and columns), borders computed twice
                          halo:A-BxN       the same, borders exchanged after each layer instead
                          pieces:layerLxN  layer L by its output channels       inputs:layerLxN  by its input channels (partial sums)
                          heads:A-BxN      an attention by its heads, from its first projection to its last (inputs:A-BxN: two layers)
                          mobihoc2022      every layer in three pieces, as published
  --split MODEL@auto    the best cut and devices, found by measuring: a few segments on each kind of device, then the plans that look best
                        for some frames; remembered for the next time. Devices may take turns with the frames, or be left out
  --objective NAME      of @auto and of --codec auto: throughput (default) or latency
  --plan FILE.json      stages placed by hand instead of --split's cuts: {"stages": {"a": {"layers": "1-4,7", "device": "pi1"}, …}}
                        "devices": ["pi1", "pi2"] instead of "device": they take turns with the frames, equally or by "shares": [2, 1];
                        "layers": "all" is the whole model
  --on DEV,DEV,…        devices of the stages (and of their replicas), in order (default: devices in order of their names)
  --spares N            so many further devices get the weights at once, so that they can take over soon (default 0: weights are sent when needed)
  --weight N            CPU time relative to other runs on the same devices when it is short (default 100)
  --threads N           threads a stage computes with (default: on a private mesh the cores shared out, else the device's cores)

Frames
  --frames N            how many (default: all of --input, or 100; more than --input has: it repeats)
  --input FILE|DIR      .npy (first axis: the frame), a picture, or a folder: INPUT.npy per input, or pictures (default: random numbers)
  --seed N              of the random numbers (default 1)
  --output FILE.npy     write the outputs, stacked; FILE.NAME.npy each when there are several. A run that fails leaves FILE as it was
  --rate FPS            open loop: frames are due at this rate, latency counts from then (default: closed loop)
  --drop oldest|newest  with --rate: frames that can't go in time are dropped and counted, instead of waiting at the source ever longer.
                        oldest: whatever has waited for the deadline; newest: whatever comes when as many wait as come within the deadline
  --deadline MS         with --drop oldest how long a frame may wait at the source, with newest how much of the stream may (default 1000)
  --window N|auto       most frames on their way at once (default auto: from measured rate and latency)
  --codec NAME|auto     how tensors travel (default auto: without loss, where measurement says that a codec pays). NAME: none; without loss lz4,
                        blosc2, sparse; with loss fp16, bf16, int8, int6, int4, trunc:1 to trunc:22 (bits of the mantissa kept)
  --error-budget B      what codecs may do to the outputs: "top1>=99.5%", "max-abs<=0.01", or both with a comma. Calibrates first; then uses what
                        pays and stays within B, and watches over it while the run goes on
  --shadow-every N      with a budget: one frame in N is sent again without loss and compared (default 20)

Detached
  --detach              hand the run to an agent and return as soon as frames flow; then: controller status, attach, stop. Needs a configured
                        mesh. --input and --output are paths on the agent's device, --output may be stream: see controller outputs --help
  --at DEV              the device whose agent keeps the run (default: the one named in --input or --output as DEV:PATH, else a free one)
  --keep N              with --output stream: only the last N frames stay in it (default: all, and the run waits when there is no room)

Results
  --verify N|all|off    compare that many frames with the whole model on one device (default 3)
  --json                the report as JSON on stdout, and nothing else
  --report DIR          write report.json, report.html and frames.csv into DIR
  --data DIR            where runs are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Mesh: none configured starts a private one on this machine, for the time of the command
  --nats URL            the mesh's NATS server (default: NATS_URL)
  --mesh NAME           which mesh of several that share the server (default: default)
  --listen HOST:PORT    where devices reach this controller (default: the interface that leads to them, any free port)
  --insecure            listen beyond loopback although traffic is not encrypted: only on a network you trust

Exit code: 0 good, 1 the run or its verification failed, 2 the command line can't be carried out.
`;

const kinds = {
  split: 'text',
  plan: 'text',
  objective: 'text',
  on: 'text',
  spares: 'text',
  weight: 'text',
  threads: 'text',
  frames: 'text',
  input: 'text',
  seed: 'text',
  output: 'text',
  rate: 'text',
  drop: 'text',
  deadline: 'text',
  window: 'text',
  codec: 'text',
  'error-budget': 'text',
  'shadow-every': 'text',
  verify: 'text',
  detach: 'flag',
  at: 'text',
  keep: 'text',
  json: 'flag',
  report: 'text',
  data: 'text',
  nats: 'text',
  mesh: 'text',
  listen: 'text',
  insecure: 'flag',
} as const;

export interface RunOptions {
  readonly split: string;
  readonly plan: string | undefined;
  /** Of `@auto`, and of the choice of codecs. */
  readonly objective: 'throughput' | 'latency';
  /** Empty: not said. */
  readonly on: readonly string[];
  /** Devices that are kept ready beside those of the plan. */
  readonly spares: number;
  readonly weight: number;
  readonly threads: number | undefined;
  readonly frames: number | undefined;
  readonly input: string | undefined;
  readonly seed: number;
  readonly output: string | undefined;
  readonly rateFps: number | undefined;
  /** Undefined: no frame is dropped. */
  readonly dropping: Dropping | undefined;
  readonly window: number | 'auto';
  readonly codecs: CodecWish;
  /** As it was given. */
  readonly errorBudget: string | undefined;
  /** Frames to compare; `all` of them; 0: none. */
  readonly verify: number | 'all';
  readonly detach: boolean;
  readonly at: string | undefined;
  readonly keep: number | undefined;
  readonly json: boolean;
  readonly report: string | undefined;
  readonly data: string | undefined;
  readonly nats: string | undefined;
  readonly mesh: string | undefined;
  readonly listen: string | undefined;
  readonly insecure: boolean;
}

const SEED_MAX = 0xffff_ffff;
/** Within a hundred frames of a breach some are compared, even when two must disagree. */
const SHADOW_EVERY = 20;

/** Error `usage` for whatever is missing, unknown or no number. */
export function parseRunOptions(argv: readonly string[]): RunOptions {
  const { values } = parseOptions('run', argv, kinds, 0);
  const whole = (name: string, text: string | undefined, min: number) =>
    text === undefined ? undefined : wholeNumber(`--${name}`, text, min);
  if (values.split === undefined) {
    throw new MeshError('usage', '--split is missing: which model, cut where?', { hint: 'for example --split resnet@layer12' });
  }
  refuseDetached(values);
  const seed = whole('seed', values.seed, 0) ?? 1;
  if (seed > SEED_MAX) throw new MeshError('usage', `--seed: ${seed} is larger than ${SEED_MAX}`);
  const objective = oneOf('--objective', values.objective ?? 'throughput', ['throughput', 'latency']);
  return {
    split: values.split,
    plan: values.plan,
    objective,
    on: namesOf(values.on),
    spares: whole('spares', values.spares, 0) ?? 0,
    weight: weightOf(whole('weight', values.weight, 1)),
    threads: whole('threads', values.threads, 1),
    frames: whole('frames', values.frames, 1),
    input: values.input,
    seed,
    output: values.output,
    rateFps: values.rate === undefined ? undefined : positiveNumber('--rate', values.rate),
    dropping: droppingOf(values),
    window: values.window === undefined || values.window === 'auto' ? 'auto' : wholeNumber('--window', values.window, 1, 'auto'),
    codecs: codecWish(values, objective),
    errorBudget: values['error-budget'],
    verify: verifyOf(values.verify),
    detach: values.detach ?? false,
    at: values.at,
    keep: whole('keep', values.keep, 1),
    json: values.json ?? false,
    report: values.report,
    data: values.data,
    nats: values.nats,
    mesh: values.mesh,
    listen: values.listen,
    insecure: values.insecure ?? false,
  };
}

/** What makes no sense with --detach, or only with it. */
function refuseDetached(values: OptionValues<typeof kinds>): void {
  const refused = values.detach === true ? (['report', 'data', 'listen', 'drop'] as const) : (['at', 'keep'] as const);
  const found = refused.find((name) => values[name] !== undefined);
  if (found !== undefined && values.detach === true) {
    throw new MeshError('usage', `--${found} is for a run in the foreground`, {
      hint: 'controller attach RUN prints the report when it is there',
    });
  }
  if (found !== undefined) throw new MeshError('usage', `--${found} is for a run with --detach`);
  if (values.keep !== undefined && values.output !== STREAM_OUTPUT) {
    throw new MeshError('usage', `--keep says what stays in a stream of outputs`, { hint: '--output stream' });
  }
}

/** As the kernel has it for cgroups, where 100 is usual. */
const WEIGHT_MAX = 10_000;

function weightOf(weight = 100): number {
  if (weight > WEIGHT_MAX) throw new MeshError('usage', `--weight: ${weight} is more than ${WEIGHT_MAX}`);
  return weight;
}

const DEADLINE_MS = 1000;

function droppingOf(values: Partial<Record<'drop' | 'deadline' | 'rate' | 'error-budget', string>>): Dropping | undefined {
  const { drop, deadline, rate } = values;
  if (drop === undefined) {
    if (deadline === undefined) return undefined;
    throw new MeshError('usage', '--deadline says how long a frame may wait before --drop drops it, which is missing');
  }
  const policy = oneOf('--drop', drop, ['oldest', 'newest']);
  if (rate === undefined) {
    throw new MeshError('usage', '--drop is for frames that come at a rate of their own: --rate is missing', {
      hint: 'without --rate the next frame comes when there is room for it, and none is too many',
    });
  }
  if (values['error-budget'] !== undefined) {
    throw new MeshError('usage', '--drop can not be used with --error-budget, which sends some frames a second time', {
      hint: 'name a codec with --codec, or let frames wait',
    });
  }
  return { policy, deadlineMs: deadline === undefined ? DEADLINE_MS : positiveNumber('--deadline', deadline) };
}

function namesOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new MeshError('usage', `--on: "${text}" has an empty name`, { hint: 'for example --on pi1,pi2' });
  return names;
}

/** Shadow frames that follow each other compare nothing new. */
const SHADOW_EVERY_MAX = 1000;

function codecWish(
  values: Partial<Record<'codec' | 'error-budget' | 'shadow-every', string>>,
  objective: CodecWish['objective'],
): CodecWish {
  const codec = oneOf('--codec', values.codec ?? AUTO_CODEC, [AUTO_CODEC, NO_CODEC, ...tensorCodecs.keys()]);
  const [budget, every] = [values['error-budget'], values['shadow-every']];
  if (every !== undefined && budget === undefined) {
    throw new MeshError('usage', '--shadow-every says how often to compare with --error-budget, which is missing');
  }
  const shadowEvery = every === undefined ? SHADOW_EVERY : wholeNumber('--shadow-every', every, 1);
  if (shadowEvery > SHADOW_EVERY_MAX) throw new MeshError('usage', `--shadow-every: ${shadowEvery} is more than ${SHADOW_EVERY_MAX}`);
  return { codec, budget: budget === undefined ? undefined : parseErrorBudget(budget), shadowEvery, objective };
}

function verifyOf(text: string | undefined): number | 'all' {
  if (text === undefined) return 3;
  if (text === 'all') return 'all';
  if (text === 'off') return 0;
  return wholeNumber('--verify', text, 0, 'all or off');
}
