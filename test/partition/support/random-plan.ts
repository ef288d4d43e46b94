/** Random plans: a DAG of stages, and how many devices each runs on, with which shares. */
import fc from 'fast-check';
import { SINK, SOURCE } from '../../../mesh/frame.ts';
import type { TensorSpec } from '../../../mesh/tensor.ts';
import type { Plan, Route, Stage } from '../../../partition/plan.ts';
import { replicate } from '../../../partition/replicate.ts';

export interface PlanRecipe {
  /** Of each stage: which earlier ones it reads (numbers modulo what there is; nothing: the source), and its shares. */
  readonly stages: readonly { readonly reads: readonly number[]; readonly shares: readonly number[] }[];
}

const shares = fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }));

export const planRecipes: fc.Arbitrary<PlanRecipe> = fc.record({
  stages: fc.array(fc.record({ reads: fc.array(fc.nat(7), { maxLength: 3 }), shares }), { minLength: 1, maxLength: 5 }),
});

const specs = (names: readonly string[]): TensorSpec[] => names.map((name) => ({ name, dtype: 'uint8', dims: [2] }));

/** Stage i makes the tensor `ti`; the source has `x`. What nobody reads goes to the sink. */
export function plainPlan({ stages }: PlanRecipe): Plan {
  const makers = [SOURCE, ...stages.map((_, index) => `s${index}`)];
  const tensorOf = (maker: string): string => (maker === SOURCE ? 'x' : maker.replace('s', 't'));
  const readBy = stages.map(({ reads }, index) => {
    const known = makers.slice(0, index + 1);
    return [...new Set(reads.length === 0 ? [SOURCE] : reads.map((number) => known[number % known.length]!))];
  });
  const routes = readBy.flatMap((read, index) => read.map((maker) => route(maker, `s${index}`, tensorOf(maker))));
  const unread = makers.slice(1).filter((maker) => !routes.some(({ from }) => from === maker));
  return {
    epoch: 1n,
    stages: readBy.map((read, index): Stage => {
      const id = `s${index}`;
      return { id, device: 'd', layers: '1', inputs: specs(read.map(tensorOf)), outputs: specs([tensorOf(id)]) };
    }),
    routes: [...routes, ...unread.map((maker) => route(maker, SINK, tensorOf(maker)))],
  };
}

function route(from: string, to: string, tensor: string): Route {
  return { from, to, tensors: [tensor], codec: 'none' };
}

export function replicatedPlan(recipe: PlanRecipe): Plan {
  return recipe.stages.reduce(
    (plan, { shares }, index) => replicate(plan, `s${index}`, { devices: shares.map((_, each) => `d${each}`), shares }),
    plainPlan(recipe),
  );
}
