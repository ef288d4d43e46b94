/** What is said of a schedule, for a person. */
import type { DescriptorFile } from '../descriptor/descriptor.ts';

export function scheduledText({ taskName, schedule, combinations }: DescriptorFile, nowMs: number): string {
  const next = schedule?.next(nowMs);
  const runs = combinations.length === 1 ? '' : ` (${combinations.length} tasks each time)`;
  return [
    `${taskName} is scheduled${runs}: ${next === undefined ? 'it will never be due again' : `next at ${timeText(next)}`}`,
    'controller serve runs it when it is due; with --now it runs at once; controller bench delete ends the schedule',
    '',
  ].join('\n');
}

/** To the minute, in UTC. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
