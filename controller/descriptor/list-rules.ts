/** Rules of the lists: files, metrics, rules of alerts. An element that is wrong is not there. */
import type { Given } from './given.ts';
import type { Problem } from './problems.ts';
import { lastPart, locationOf } from './source-location.ts';

/** Each element that is good so far, with its index. */
function* present<T>(list: readonly (T | undefined)[] | undefined): Generator<readonly [index: number, element: T]> {
  for (const [index, element] of (list ?? []).entries()) if (element !== undefined) yield [index, element];
}

function sourceRule({ written: { data }, isBroken }: Given): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, number>();
  for (const [index, { src, path: given, sha256, md5 }] of present(data?.sources)) {
    const path = ['data', 'sources', index];
    if (sha256 !== undefined && md5 !== undefined) problems.push({ path: [...path, 'md5'], what: 'either sha256 or md5, not both' });
    if (src === undefined || isBroken(...path, 'path')) continue;
    const target = given ?? lastPart(locationOf(src));
    if (target === undefined) {
      problems.push({
        path: [...path, 'src'],
        what: `${JSON.stringify(src.slice(0, 80))} has no file's name at its end: say with path where the program finds it`,
      });
      continue;
    }
    const where = given === undefined ? 'src' : 'path';
    for (const [other, otherIndex] of taken)
      if (other === target || other.startsWith(`${target}/`) || target.startsWith(`${other}/`))
        problems.push({
          path: [...path, where],
          what: `${JSON.stringify(target.slice(0, 80))} is already taken by sources[${otherIndex}]${other === target ? '' : `, ${JSON.stringify(other.slice(0, 80))}`}`,
        });
    if (!taken.has(target)) taken.set(target, index);
  }
  return problems;
}

function metricRule({ written: { output }, workload }: Given): Problem[] {
  const problems: Problem[] = [];
  const known = new Set<string>();
  for (const [index, { name, pattern }] of present(output?.metrics)) {
    const path = ['output', 'metrics', index];
    if (pattern !== undefined && workload === 'model')
      problems.push({ path: [...path, 'pattern'], what: "a pattern is for a program's output; a model's metrics are built in" });
    if (name === undefined) continue;
    if (known.has(name)) problems.push({ path: [...path, 'name'], what: `${JSON.stringify(name)} is there twice` });
    known.add(name);
  }
  return problems;
}

function alertRule({ written: { alerts }, isBroken, hasUnknownKey }: Given): Problem[] {
  const problems: Problem[] = [];
  for (const [index, { above, below, k_sigma, relative_change, direction }] of present(alerts?.rules)) {
    const path = ['alerts', 'rules', index];
    const broken = (...keys: readonly string[]): boolean => keys.some((key) => isBroken(...path, key));
    const hasChange = k_sigma !== undefined || relative_change !== undefined || broken('k_sigma', 'relative_change');
    const hasBound = above !== undefined || below !== undefined || broken('above', 'below');
    if (!hasChange && !hasBound && !hasUnknownKey(...path))
      problems.push({ path, what: 'this rule has no condition: expected above, below, k_sigma or relative_change' });
    if (direction !== undefined && !hasChange && hasBound)
      problems.push({ path: [...path, 'direction'], what: 'it is for k_sigma and relative_change, which are missing' });
    if (above !== undefined && below !== undefined && above < below)
      problems.push({ path: [...path, 'below'], what: `every value is above ${above} or below ${below}: this would always be an alarm` });
  }
  return problems;
}

export const listRules = [sourceRule, metricRule, alertRule] as const;
