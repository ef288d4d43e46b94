/**
 * One alarm for each change, however often its history is looked at.
 *
 *     look 55   ──▶ change point at 50            raised: candidate                     id: series, kind, first bad run
 *     look 56   ──▶ change point at 51            the same: a run or two is how sure a place is; first bad run, size, p are updated
 *     look 70   ──▶ change point at 51, and 66    66 goes back by three quarters at least: fixed, by run 66
 *
 *     candidate ──▶ open ──▶ acknowledged         by people and confirmations (confirmation.ts)
 *         └───────────┴───────────┴──▶ fixed (here) or dismissed; both stay, so that the same change point is not raised again
 *
 * A rule that is violated by ten runs in a row is one alarm; it is open from the start, and fixed by the first run that keeps it. What a change point says of
 * an improvement is told, and is no alarm. A pure fold: the caller keeps the alarms.
 */
import type { ChangePoint } from './change-points.ts';
import type { Better } from './compare.ts';
import type { AlarmKind, RuleKind, RuleResult, Violation } from './rules.ts';

export type AlarmState = 'candidate' | 'open' | 'acknowledged' | 'fixed' | 'dismissed';

export interface Alarm {
  /** Does not change, also when the first bad run turns out to be another one. */
  readonly id: string;
  readonly series: string;
  readonly metric: string;
  readonly kind: AlarmKind;
  readonly state: AlarmState;
  /** Run id. */
  readonly firstBad: string;
  /** Of a rule: the newest run that violated it. */
  readonly lastBad?: string;
  /** After ÷ before; of a rule, found ÷ usual. */
  readonly size: number;
  /** Of change points. */
  readonly p?: number;
  /** Level before and after; of a rule, the limit and what was found. */
  readonly before: number;
  readonly after: number;
  /** Run id: fixed since. */
  readonly fixedBy?: string;
}

export interface Series {
  /** Of everything that has to be alike for runs to be compared: subject, device, settings, metric. */
  readonly id: string;
  readonly metric: string;
  readonly better: Better;
  /** Run ids, one for each value, oldest first. */
  readonly runs: readonly string[];
}

export interface Improvement {
  readonly firstGood: string;
  readonly size: number;
  readonly p: number;
}

export interface FoldedAlarms {
  /** All of the series, changed or not: what to keep. */
  readonly alarms: readonly Alarm[];
  readonly raised: readonly Alarm[];
  readonly updated: readonly Alarm[];
  readonly fixed: readonly Alarm[];
  /** Change points for the better, but for those that only undo an alarm. */
  readonly improvements: readonly Improvement[];
}

/** Runs by which the place of one change may move from look to look. */
export const WOBBLE = 3;

/** Of a change, taken as a logarithm: when so little is left, it was undone. */
const LEFT = 0.25;
const LEFT_LEAST = Math.log(1.02);

/** `alarms`: all that are kept of this series. `result`: of its rule, for all values. */
export function foldAlarms(alarms: readonly Alarm[], series: Series, result: RuleResult): FoldedAlarms {
  const changes = foldChangePoints(alarms, series, result.changePoints);
  const rules = foldRules(alarms, series, result);
  const after = new Map([...changes.alarms, ...rules].map((alarm) => [alarm.id, alarm]));
  const old = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const all = [...alarms.map((alarm) => after.get(alarm.id) ?? alarm), ...[...after.values()].filter(({ id }) => !old.has(id))];
  const changed = all.filter((alarm) => old.get(alarm.id) !== alarm);
  return {
    alarms: all,
    raised: changed.filter(({ id }) => !old.has(id)),
    updated: changed.filter(({ id, state }) => old.has(id) && state === old.get(id)!.state),
    fixed: changed.filter(({ id, state }) => old.has(id) && state !== old.get(id)!.state),
    improvements: changes.improvements,
  };
}

function foldChangePoints(alarms: readonly Alarm[], series: Series, found: readonly ChangePoint[]) {
  const { better, runs } = series;
  const place = new Map(runs.map((run, index) => [run, index]));
  const worse = ({ before, after }: ChangePoint): boolean => after > before === (better === 'lower');
  const known = alarms.filter(({ kind }) => kind === 'change-point');
  const taken = new Set<string>();
  const folded: Alarm[] = [];
  for (const point of found.filter(worse)) {
    const distance = ({ firstBad }: Alarm): number => Math.abs((place.get(firstBad) ?? Number.POSITIVE_INFINITY) - point.index);
    const near = known.filter((alarm) => !taken.has(alarm.id) && distance(alarm) <= WOBBLE).sort((a, b) => distance(a) - distance(b))[0];
    const told = { firstBad: runs[point.index]!, size: point.ratio, p: point.p, before: point.before, after: point.after };
    if (near !== undefined) taken.add(near.id);
    folded.push(
      near === undefined
        ? {
            id: idOf(series, 'change-point', told.firstBad),
            series: series.id,
            metric: series.metric,
            kind: 'change-point',
            state: 'candidate',
            ...told,
          }
        : active(near) && moved(near, told)
          ? { ...near, ...told }
          : near,
    );
  }
  // Those that were not found this time stay: a change does not go away because its history got longer than what is looked at.
  const all = [...folded, ...known.filter(({ id }) => !folded.some((alarm) => alarm.id === id))];
  const good = found.filter((point) => !worse(point));
  const undone = new Set<ChangePoint>();
  const settled = all.map((alarm) => {
    const by = good.find((point) => undoes(point, alarm, place));
    if (by === undefined) return alarm;
    undone.add(by);
    return active(alarm) ? { ...alarm, state: 'fixed' as const, fixedBy: runs[by.index]! } : alarm;
  });
  const improvements = good
    .filter((point) => !undone.has(point))
    .map(({ index, ratio, p }) => ({ firstGood: runs[index]!, size: ratio, p }));
  return { alarms: settled, improvements };
}

function foldRules(alarms: readonly Alarm[], series: Series, { violations, notJudged }: RuleResult): Alarm[] {
  const newest = series.runs.at(-1);
  const previous = series.runs.at(-2);
  if (newest === undefined) return [];
  const raised: Alarm[] = [];
  const goingOn = (alarm: Alarm): boolean => alarm.state !== 'fixed' && (alarm.lastBad === previous || alarm.lastBad === newest);
  for (const violation of violations) {
    const known = alarms.find((alarm) => alarm.kind === violation.kind && goingOn(alarm));
    if (known === undefined) raised.push(alarmOf(series, violation, newest));
    else if (known.lastBad !== newest) raised.push({ ...known, lastBad: newest, size: violation.ratio, after: violation.found });
  }
  const kept = (kind: AlarmKind): boolean =>
    kind !== 'change-point' && !violations.some((each) => each.kind === kind) && !notJudged.some((each) => each.kind === kind);
  const fixed = alarms
    .filter((alarm) => active(alarm) && kept(alarm.kind))
    .map((alarm) => ({ ...alarm, state: 'fixed' as const, fixedBy: newest }));
  return [...raised, ...fixed];
}

function alarmOf(series: Series, { kind, ratio, limit, found }: Violation, run: string): Alarm {
  const told = { firstBad: run, lastBad: run, size: ratio, before: limit, after: found };
  return { id: idOf(series, kind, run), series: series.id, metric: series.metric, kind, state: 'open', ...told };
}

function idOf(series: Series, kind: RuleKind | 'change-point', run: string): string {
  return `${series.id}/${kind}/${run}`;
}

function active({ state }: Alarm): boolean {
  return state === 'candidate' || state === 'open' || state === 'acknowledged';
}

function moved(alarm: Alarm, told: Pick<Alarm, 'firstBad' | 'size' | 'p'>): boolean {
  return alarm.firstBad !== told.firstBad || alarm.size !== told.size || alarm.p !== told.p;
}

/** A change point after the alarm's, to a level where hardly anything is left of it. Also of an alarm that it fixed before. */
function undoes(point: ChangePoint, alarm: Alarm, place: ReadonlyMap<string, number>): boolean {
  const since = place.get(alarm.firstBad) ?? -1;
  if (point.index <= since) return false;
  if (alarm.fixedBy !== undefined) return Math.abs((place.get(alarm.fixedBy) ?? Number.NEGATIVE_INFINITY) - point.index) <= WOBBLE;
  const [size, left] = [alarm.after - alarm.before, point.after - alarm.before].map((difference) => difference / Math.abs(alarm.before));
  // From 0, or to it, there is no logarithm: then differences as they are.
  if (!(alarm.size > 0 && Number.isFinite(alarm.size) && point.after / alarm.before > 0))
    return left! / size! <= LEFT || !Number.isFinite(left!);
  const direction = Math.sign(Math.log(alarm.size));
  return direction * Math.log(point.after / alarm.before) <= Math.max(LEFT_LEAST, LEFT * Math.abs(Math.log(alarm.size)));
}
