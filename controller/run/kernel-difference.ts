/**
 * Why a split model may give other bits than the whole one: the runtime optimizes each stage by itself, and where a cut keeps it from fusing
 * nodes, or lets it choose another layout, other kernels compute. Kernels are compared by what they do (operator, types and sizes of
 * inputs and outputs); their names are the runtime's choice.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { Plan } from '../../partition/plan.ts';

export interface KernelDifference {
  /** Kernels of the whole model that no stage runs, and those of stages that the whole model does not run. Both empty: the same kernels. */
  readonly onlyWhole: readonly Kernel[];
  readonly onlySplit: readonly Kernel[];
}

/** Rearrange bytes and change none: they come and go with every cut. */
const movers = new Set(['ReorderInput', 'ReorderOutput', 'Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose']);

/** undefined: the runtime of one side would not tell. */
export function kernelDifference(whole: readonly Kernel[], stages: readonly (readonly Kernel[])[]): KernelDifference | undefined {
  if (whole.length === 0 || stages.some((kernels) => kernels.length === 0)) return undefined;
  const split = stages.flat();
  return { onlyWhole: without(whole, split), onlySplit: without(split, whole) };
}

/**
 * What each stage of the split runs, given what each stage of the plan does: replicas are one stage, which runs what any of them does.
 * Empty for a stage of which the runtime would not tell.
 */
export function kernelsOfSplit(plan: Plan, kernelsOf: (stage: string) => readonly Kernel[]): readonly (readonly Kernel[])[] {
  const replicated = Map.groupBy(plan.stages, ({ id, replicaOf }) => replicaOf ?? id);
  return [...replicated.values()].map((replicas) => {
    const each = replicas.map(({ id }) => kernelsOf(id));
    if (each.some((kernels) => kernels.length === 0)) return [];
    return each.reduce((all, kernels) => all.concat(without(kernels, all)));
  });
}

/** Those of `kernels` that are left when each of `others` has taken one of its own kind away. */
function without(kernels: readonly Kernel[], others: readonly Kernel[]): Kernel[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(kindOf(other), (counts.get(kindOf(other)) ?? 0) + 1);
  return kernels.filter((kernel) => {
    if (movers.has(kernel.operator)) return false;
    const left = counts.get(kindOf(kernel)) ?? 0;
    counts.set(kindOf(kernel), left - 1);
    return left <= 0;
  });
}

function kindOf({ operator, inputs, outputs }: Kernel): string {
  return `${operator}(${inputs.join(';')})->${outputs.join(';')}`;
}
