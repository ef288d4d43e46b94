/**
 * After a task: is any of its histories worse than it was? What looks so is measured again before anybody is told.
 *
 *     points ──▶ rules, change points ──▶ fold into the alarms that are known ──▶ candidates: old and new again, in turns ──▶ open ──▶ notify
 */
import { Random } from '../../mesh/random.ts';
import type { Alerts } from '../descriptor/descriptor.ts';
import { type Alarm, foldAlarms } from '../history/alarms.ts';
import { type AlarmRecord, alarmText } from '../task/alarm-record.ts';
import { seriesId, seriesKeyOf, seriesText } from '../task/series.ts';
import { judgeSeries } from '../task/series-rules.ts';
import type { Point, Task } from '../task/task.ts';
import { alarmOfRow, rowOfAlarm, withState } from './alarm-rows.ts';
import { confirm } from './confirm-alarm.ts';
import { notify } from './notify.ts';
import { descriptorOf, type TaskTools } from './run-task.ts';

/** Nobody was sure so often: then people decide. */
const ATTEMPTS_MAX = 3;

/** `points`: what the task added. Returns the alarms that were raised. */
export async function watchHistory(task: Task, points: readonly Point[], tools: TaskTools): Promise<readonly AlarmRecord[]> {
  const { tasks, say } = tools;
  const { alerts } = descriptorOf(task, await tasks.descriptor(task.descriptor));
  const history = await tasks.points({ benchmark: task.benchmark });
  const known = (await tasks.alarms(task.benchmark)).map(alarmOfRow);
  const changed = points.flatMap((point) => {
    try {
      return folded(point, history, known, alerts, tools.io.wallClock());
    } catch (error) {
      // One history that can't be judged keeps nobody from the others.
      say(`warning: ${seriesText(point.series)} can't be judged: ${(error as Error).message}`);
      return [];
    }
  });
  await tasks.putAlarms(changed.map(rowOfAlarm));
  // Those of a descriptor that does not ask for them any more stay what they are.
  const candidates = alerts.changePoints ? changed.filter(({ alarm }) => alarm.state === 'candidate') : [];
  const judged = alerts.confirm === 0 ? candidates.map(believed) : await confirmed(task, candidates, history, alerts, tools);
  // Confirming takes long: what a person said of one meanwhile counts.
  const now = new Map((await tasks.alarms(task.benchmark)).map((row) => [row.alarm, row.state]));
  const settled = judged.filter(({ alarm }) => now.get(alarm.id) === 'candidate');
  await tasks.putAlarms(settled.map(rowOfAlarm));
  const raised = [...changed.filter(({ alarm }) => isNew(alarm, known)), ...settled].filter(({ alarm }) => alarm.state === 'open');
  const fixed = changed.filter(
    ({ alarm }) => alarm.state === 'fixed' && known.some((each) => each.alarm.id === alarm.id && wasRaised(each)),
  );
  for (const record of raised) say(`alarm: ${alarmText(record)}`);
  for (const record of fixed) say(`fixed: ${alarmText(record)}`);
  for (const record of settled.filter(({ alarm }) => alarm.state !== 'open')) say(`no alarm: ${alarmText(record)}`);
  for (const record of raised) await notify('raised', record, alerts, say);
  for (const record of fixed) await notify('fixed', record, alerts, say);
  return raised;
}

/** Alarms of the point's series that this look changes, and candidates that still wait for a confirmation. */
function folded(
  { series, better, unit }: Point,
  history: readonly Point[],
  known: readonly AlarmRecord[],
  alerts: Alerts,
  nowMs: number,
): AlarmRecord[] {
  const id = seriesKeyOf(series);
  const own = history.filter((each) => seriesKeyOf(each.series) === id);
  const before = known.filter((each) => seriesKeyOf(each.series) === id);
  const result = judgeSeries(
    own.map(({ value }) => value),
    series.metric,
    better,
    alerts,
  );
  const { alarms } = foldAlarms(
    before.map(({ alarm }) => alarm),
    { id: seriesId(series), metric: series.metric, better, runs: own.map(({ task }) => task) },
    result,
  );
  return alarms.flatMap((alarm): AlarmRecord[] => {
    const old = before.find((each) => each.alarm.id === alarm.id);
    if (old !== undefined && old.alarm === alarm && alarm.state !== 'candidate') return [];
    return [{ alarm, series, unit, changedMs: nowMs, confirmation: old?.confirmation, note: old?.note }];
  });
}

/** Candidates with the same old and new task are settled by the same runs. */
async function confirmed(
  task: Task,
  candidates: readonly AlarmRecord[],
  history: readonly Point[],
  alerts: Alerts,
  tools: TaskTools,
): Promise<AlarmRecord[]> {
  const settled: AlarmRecord[] = [];
  const before = ({ alarm, series }: AlarmRecord): string | undefined => {
    const own = history.filter((each) => seriesKeyOf(each.series) === seriesKeyOf(series)).map((point) => point.task);
    return own[own.indexOf(alarm.firstBad) - 1];
  };
  for (const [old, same] of Map.groupBy(candidates, before)) {
    if (old === undefined) settled.push(...same.map(lost));
    else {
      const judged = await confirm({ old, task, candidates: same, history, rounds: alerts.confirm, random: new Random(1) }, tools);
      settled.push(...judged.map(settle));
    }
  }
  return settled;
}

function settle(record: AlarmRecord): AlarmRecord {
  const { outcome, attempts } = record.confirmation!;
  if (outcome === 'dismissed') return withState(record, 'dismissed');
  if (outcome === 'unsure' && attempts < ATTEMPTS_MAX) return record;
  return believed(record);
}

/** A change has runs before and after it: some of them were deleted. */
function lost(record: AlarmRecord): AlarmRecord {
  const attempts = record.confirmation?.attempts ?? 0;
  const reason = 'Runs that it was seen in were deleted: there is nothing to compare with.';
  return { ...withState(record, 'dismissed'), confirmation: { outcome: 'dismissed', reason, attempts, oldAgain: [], newAgain: [] } };
}

function believed(record: AlarmRecord): AlarmRecord {
  return withState(record, 'open');
}

function isNew({ id }: Alarm, known: readonly AlarmRecord[]): boolean {
  return !known.some(({ alarm }) => alarm.id === id);
}

function wasRaised({ alarm: { state } }: AlarmRecord): boolean {
  return state === 'open' || state === 'acknowledged';
}
