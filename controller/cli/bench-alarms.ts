/** `controller bench alarms`: what got worse, since when, by how much; and what people say about it. */
import { MeshError } from '../../mesh/error.ts';
import type { TaskStore } from '../store/task-store.ts';
import { theOne } from '../store/the-one.ts';
import { type AlarmRecord, alarmText } from '../task/alarm-record.ts';
import { changeText } from '../text/change.ts';
import { type Column, formatTable } from '../text/table.ts';
import { alarmOfRow, rowOfAlarm, withState } from './alarm-rows.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { EXIT_ALARM } from './run-descriptor.ts';
import { timeText } from './schedule-text.ts';
import { withTasks } from './task-tools.ts';
import { asked as asking } from './usage.ts';

const help = `Lists alarms: open ones first need somebody.

Usage: controller bench alarms [BENCHMARK] [--all] [--json] [--data DIR]
       controller bench alarms --ack ALARM | --fixed ALARM | --dismiss ALARM [--note TEXT] [--data DIR]

  BENCHMARK        of this one only
  --all            also those that are fixed or dismissed
  --ack ALARM      somebody knows of it: its number in the list, its name or the beginning of it
  --fixed ALARM    it is over; one that went back to where it was is fixed by itself
  --dismiss ALARM  it is none
  --note TEXT      is kept with it
  --json           on stdout as JSON
  --data DIR       where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

candidate     it looks worse, and could be neither confirmed nor ruled out yet: the next run of it tries again
open          it is worse: its confirmation says whether the program changed, or the device
acknowledged  somebody knows

Exit code: 0 none is open, 2 usage, 3 some are.
`;

const kinds = { ack: 'text', fixed: 'text', dismiss: 'text', note: 'text', all: 'flag', json: 'flag', data: 'text' } as const;
const actions = { ack: 'acknowledged', fixed: 'fixed', dismiss: 'dismissed' } as const;

export const benchAlarmsCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench alarms', argv, kinds, 1);
    const asked = (Object.keys(actions) as (keyof typeof actions)[]).filter((action) => values[action] !== undefined);
    if (asked.length > 1) throw new MeshError('usage', `--${asked.join(' and --')}: which of them?`);
    if (values.note !== undefined && asked.length === 0) throw new MeshError('usage', '--note goes with --ack, --fixed or --dismiss');
    return await withTasks(values, io, async ({ tasks }) => {
      const all = (await tasks.alarms(positionals[0])).map(alarmOfRow);
      const [action] = asked;
      if (action !== undefined) {
        const found = await asking(() => alarmNamed(values[action]!, all));
        const changed = { ...withState(found, actions[action]), changedMs: io.wallClock(), note: values.note ?? found.note };
        await tasks.putAlarms([rowOfAlarm(changed)]);
        io.stdout(`${changed.alarm.id}: ${changed.alarm.state}\n`);
        return 0;
      }
      const shown = values.all === true ? all : all.filter(isAlive);
      if (values.json === true) io.stdout(`${JSON.stringify(shown, undefined, 2)}\n`);
      else if (shown.length === 0) io.stdout(await noneText(positionals[0], all, tasks));
      else io.stdout(listText(shown, all, io.tableColumns));
      return all.some(({ alarm }) => alarm.state === 'open') ? EXIT_ALARM : 0;
    });
  },
};

function isAlive({ alarm: { state } }: AlarmRecord): boolean {
  return state === 'open' || state === 'acknowledged' || state === 'candidate';
}

/** By its number in the whole list, newest first; or by its name. */
function alarmNamed(name: string, all: readonly AlarmRecord[]): AlarmRecord {
  const numbered = /^\d{1,4}$/.test(name) ? all[Number(name) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  const found = all.filter(({ alarm }) => alarm.id.startsWith(name));
  return theOne({ what: 'alarm', name, found, nameOf: ({ alarm }) => alarm.id, hint: 'controller bench alarms --all lists them' });
}

async function noneText(benchmark: string | undefined, all: readonly AlarmRecord[], tasks: TaskStore): Promise<string> {
  if (all.length > 0) return `no alarm is open; ${all.length} are over: --all lists them\n`;
  if (benchmark !== undefined && (await tasks.tasks({ benchmark })).length === 0)
    throw new MeshError('usage', `there is no benchmark "${benchmark}"`, { hint: 'controller bench list lists them' });
  return 'no alarms\n';
}

const columns: readonly Column[] = [
  { title: 'NO', align: 'right' },
  { title: 'STATE' },
  { title: 'BENCHMARK', flexible: true },
  { title: 'METRIC' },
  { title: 'DEVICE' },
  { title: 'KIND' },
  { title: 'SIZE', align: 'right' },
  { title: 'FIRST BAD' },
  { title: 'SINCE' },
];

function listText(shown: readonly AlarmRecord[], all: readonly AlarmRecord[], tableColumns: number): string {
  const rank: Readonly<Record<string, number>> = { open: 0, candidate: 1, acknowledged: 2 };
  const sorted = shown.toSorted((a, b) => (rank[a.alarm.state] ?? 3) - (rank[b.alarm.state] ?? 3) || b.changedMs - a.changedMs);
  const rows = sorted.map((record) => {
    const { alarm, series, changedMs } = record;
    const number = `${all.indexOf(record) + 1}`;
    return [
      number,
      alarm.state,
      series.benchmark,
      series.metric,
      series.device,
      alarm.kind,
      changeText(alarm.size),
      alarm.firstBad,
      timeText(changedMs),
    ];
  });
  const words = sorted.flatMap((record) => [
    `${all.indexOf(record) + 1}: ${alarmText(record)}`,
    ...(record.note === undefined ? [] : [`   note: ${record.note}`]),
  ]);
  return `${formatTable(columns, rows, tableColumns).join('\n')}\n\n${words.join('\n')}\n`;
}
