/**
 * Before a run with an error budget: what each codec does on each route, to bytes, time and outputs, with the run's own first frames, on its own
 * devices and links.
 *
 *     explore   each of a few inputs once without loss, and once with each codec on each route alone      ──▶ what is within the budget
 *     confirm   more inputs, without loss and with all that was chosen together; when it is not within the budget, the worst codec goes
 */
import { byteLength, type TensorSpec } from '../../mesh/tensor.ts';
import { planPeriod } from '../../partition/flow/plan-shape.ts';
import { AUTO_CODEC, type Plan, type Route } from '../../partition/plan.ts';
import { AutomaticCodecs, type AutomaticOptions } from '../codec/automatic-codecs.ts';
import { CodecBudget } from '../codec/codec-budget.ts';
import { CodecVariants, routeKey, type Variant } from '../codec/codec-variants.ts';
import { type ErrorBudget, type ErrorTally, framesToJudge, isWithin, noErrors } from '../codec/error-budget.ts';
import { Observations } from '../codec/observations.ts';
import type { ShadowFrames } from '../codec/shadow-frames.ts';
import { ShadowJudge } from '../codec/shadow-judge.ts';
import { FRAMES_KNOWN, RAW_BYTES_MIN } from '../codec/steered-routes.ts';
import { carryOutBeside } from './carry-out.ts';
import type { PlannedRun, RunTools } from './planned-run.ts';

/** Inputs that every codec is tried with; where devices take turns more, so that each gets some, but not endlessly many. */
const EXPLORED_INPUTS = 8;
const EXPLORED_INPUTS_MAX = 64;
/** Choices that are confirmed, one after the other; then nothing lossy is used. */
const CHOICES_MAX = 6;

export interface Calibrating extends Omit<AutomaticOptions, 'observations' | 'guard'> {
  readonly budget: ErrorBudget;
  readonly shadows: ShadowFrames;
}

/** Ready for the run, with everything learned. */
export async function calibrateCodecs(planned: PlannedRun, tools: RunTools, options: Calibrating): Promise<AutomaticCodecs> {
  const { plan } = planned;
  const { budget, shadows, lossless, lossy, ...rest } = options;
  const routes = plan.routes.filter((route) => route.codec === AUTO_CODEC && rawBytes(plan, route) >= RAW_BYTES_MIN);
  const observations = new Observations(plan);
  const codecs = new CodecBudget(budget);
  const tried = routes.flatMap((route) => [...lossless.slice(1), ...lossy].map((codec) => ({ route, codec })));
  if (tried.length > 0) {
    const variants = tried.map(({ route, codec }): Variant => new Map([[routeKey(route), codec]]));
    const explored = Math.max(EXPLORED_INPUTS, Math.min(EXPLORED_INPUTS_MAX, FRAMES_KNOWN * planPeriod(plan)));
    const tallies = await compare(planned, tools, variants, explored, observations, 'codecs', 'codecs, one by one');
    for (const [index, { route, codec }] of tried.entries()) {
      // A route that carried none of these frames, or of which nothing is known, has nothing to do with their errors.
      const seen = observations.ofRoute(route.from, route.to).has(codec);
      if (seen && lossy.includes(codec)) codecs.learn(route, codec, tallies[index]!);
    }
  }
  // More than the run has say nothing more about it.
  const inputs = Math.min(planned.frames, framesToJudge(budget));
  const steeredBy = (seen: ErrorTally, shadows?: ShadowFrames): AutomaticCodecs =>
    new AutomaticCodecs({
      ...rest,
      lossless,
      lossy,
      observations,
      guard: { budget, codecs, judge: new ShadowJudge(budget, seen), shadows },
    });
  for (let choice = 1; choice <= CHOICES_MAX; choice += 1) {
    const chosen = steeredBy(noErrors).lossyRoutes;
    if (chosen.size === 0) break;
    const title = [...new Set(chosen.values())].join(', ');
    const [tally] = await compare(planned, tools, [chosen], inputs, observations, `codecs-${choice}`, `${title}: within the budget?`);
    if (isWithin(budget, tally!)) {
      codecs.confirm(chosen);
      return steeredBy(tally!, shadows);
    }
    codecs.refute(chosen, tally!);
  }
  // Nothing lossy is worth it, or nothing that is stays within the budget: then nothing lossy is used later, either.
  codecs.confirm(new Map());
  return steeredBy(noErrors);
}

/** Of each variant, how far its outputs were from those without loss. */
async function compare(
  planned: PlannedRun,
  tools: RunTools,
  list: readonly Variant[],
  inputs: number,
  observations: Observations,
  suffix: string,
  title: string,
): Promise<readonly ErrorTally[]> {
  const { plan, models } = planned;
  const variants = new CodecVariants(list, planPeriod(plan));
  await carryOutBeside({ ...planned, window: 'auto' }, tools, {
    title,
    suffix,
    plan,
    models,
    frames: variants.total(inputs),
    consumers: [variants.consumer],
    input: (given) => variants.input(given, planned.frames),
    codecs: { cycleOf: (route) => variants.cycleOf(route), follow: () => {}, begin: () => {}, measured: () => {} },
    record: (rows) => observations.add(rows),
  });
  return variants.tallies;
}

/** Of a frame on this route, as far as shapes are known. */
function rawBytes({ stages }: Plan, { from, to, tensors }: Route): number {
  const specs = stages.flatMap(({ id, inputs, outputs }) => (id === from ? outputs : id === to ? inputs : []));
  return tensors.reduce((sum, name) => sum + sizeOf(specs.find((spec) => spec.name === name)), 0);
}

function sizeOf(spec: TensorSpec | undefined): number {
  if (spec === undefined || spec.dims.some((dim) => dim < 0)) return RAW_BYTES_MIN;
  return byteLength(spec.dtype, spec.dims);
}
