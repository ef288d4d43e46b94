/** What a descriptor's alerts ask of the history of one metric. */
import type { Alerts } from '../descriptor/descriptor.ts';
import type { Better } from '../history/compare.ts';
import { type AlarmRule, applyRule, type Direction, type RuleResult } from '../history/rules.ts';

/** `values`: of a series, oldest first. */
export function judgeSeries(values: readonly number[], metric: string, better: Better, { changePoints, rules }: Alerts): RuleResult {
  const worse: Direction = better === 'lower' ? 'up' : 'down';
  const own = rules
    .filter((rule) => rule.metric === metric)
    .map(({ metric: _, direction = worse, ...bounds }): AlarmRule => ({ ...defined(bounds), direction, changePoint: false }));
  const results = [{ direction: worse, changePoint: changePoints }, ...own].map((rule) => applyRule(values, rule));
  return {
    violations: results.flatMap(({ violations }) => violations),
    changePoints: results.flatMap((result) => result.changePoints),
    notJudged: results.flatMap(({ notJudged }) => notJudged),
  };
}

type Bounds = Pick<AlarmRule, 'above' | 'below' | 'kSigma' | 'relativeChange'>;

function defined(bounds: { readonly [K in keyof Bounds]: number | undefined }): Bounds {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
}
