/**
 * From the answers of a Prometheus to states of devices. Pure: the same answers, the same states.
 *
 *     devices (char_node_device_model) ──┐
 *     targets with metrics (node_*) ─────┼─ match-target ──▶ states; what is missing, stale, down or ambiguous is a problem of that device
 *     up ────────────────────────────────┘                   a target that no device claims is told, too
 */
import { MeshError } from '../../../mesh/error.ts';
import { optional } from '../../../mesh/wire-number.ts';
import type { DeviceState } from '../../profiler/sample.ts';
import { type KnownState, percent, problemsOf } from './known-state.ts';
import { hostOf, matchTarget, type Target } from './match-target.ts';
import type { Series } from './prometheus-api.ts';
import type { QueryName } from './prometheus-queries.ts';

export type Answers = Readonly<Record<QueryName, readonly Series[]>>;

interface Measured extends Target {
  readonly state: DeviceState;
  readonly ageMs: number;
  readonly cores: number | undefined;
  readonly memoryBytes: number | undefined;
}

export function joinMetrics(answers: Answers, staleAfterMs: number): KnownState[] {
  const targets = targetsOf(answers);
  const claimed = new Set<Measured>();
  const known = devicesOf(answers).map((described) => {
    const state = describedState(described, targets, answers, staleAfterMs);
    if (state.target !== undefined) claimed.add(state.target);
    return state.known;
  });
  // A second exporter on the machine of a device that is known is no device of its own.
  const hosts = new Set([...claimed].map(({ instance }) => hostOf(instance)));
  const nameless = targets.filter((target) => !claimed.has(target) && !hosts.has(hostOf(target.instance))).map(namelessState);
  return [...known, ...nameless].toSorted((a, b) => a.node.localeCompare(b.node));
}

/** Those of now, and those that were there a moment ago. */
function devicesOf({
  devices,
  recentDevices,
}: Answers): { readonly labels: Series['labels']; readonly value: number; readonly gone: boolean }[] {
  const found = new Map<string, { labels: Series['labels']; value: number; gone: boolean }>();
  const add = ({ labels, value }: Series, gone: boolean): void => {
    const key = `${nameOf(labels)} ${labels.char_node_uuid ?? ''}`;
    if (!found.has(key)) found.set(key, { labels, value, gone });
  };
  for (const series of devices) add(series, false);
  // A device whose description has changed is there under the new one.
  const present = new Set(devices.map(({ labels }) => nameOf(labels)));
  for (const series of recentDevices) if (!present.has(nameOf(series.labels))) add(series, true);
  return [...found.values()];
}

function nameOf(labels: Series['labels']): string {
  return labels.char_node_name ?? '';
}

function describedState(
  { labels, gone }: { readonly labels: Series['labels']; readonly gone: boolean },
  targets: readonly Measured[],
  answers: Answers,
  staleAfterMs: number,
): { readonly known: KnownState; readonly target: Measured | undefined } {
  const { instance = '' } = labels;
  const name = nameOf(labels);
  const deviceModel = labels.char_node_device_model_name ?? '';
  const twins = new Set(answers.devices.filter((other) => nameOf(other.labels) === name).map((other) => other.labels.char_node_uuid));
  const problems: string[] = [];
  let target: Measured | undefined;
  try {
    target = matchTarget({ name, instance }, targets);
  } catch (error) {
    problems.push(MeshError.from(error).message);
  }
  if (name === '') problems.push('its description has no char_node_name');
  if (deviceModel === '') problems.push('its model is not known: char_node_device_model_name is empty');
  if (twins.size > 1) problems.push(`${twins.size} devices are called ${name}`);
  if (gone)
    problems.push(`${instance} no longer says what it is: ${isDown(instance, answers.up) ? 'it is down' : 'it is not scraped any more'}`);
  if (target === undefined) {
    if (problems.length === 0) problems.push('no target has its metrics: no node_cpu_seconds_total comes from it');
  } else {
    if (isDown(target.instance, answers.up)) problems.push(`${target.instance} is down`);
    problems.push(...problemsOf(target.state, target.ageMs, staleAfterMs));
  }
  const known: KnownState = {
    node: name === '' ? instance : name,
    nodeUuid: labels.char_node_uuid ?? '',
    deviceModel,
    deviceClass: labels.char_node_class ?? '',
    ...optional('instance', target?.instance),
    state: target?.state ?? {},
    ageMs: target?.ageMs ?? Number.POSITIVE_INFINITY,
    ...optional('cores', target?.cores),
    ...optional('memoryBytes', target?.memoryBytes),
    problems,
  };
  return { known, target };
}

function namelessState({ instance, hostName, state, ageMs }: Measured): KnownState {
  const problems = ['nothing says what it is: no char_node_device_model comes from its machine'];
  return { node: hostName ?? instance, nodeUuid: '', deviceModel: '', deviceClass: '', instance, state, ageMs, problems };
}

/** None of the jobs that scrape it reaches it. */
function isDown(instance: string, up: readonly Series[]): boolean {
  const own = up.filter(({ labels }) => labels.instance === instance);
  return own.length > 0 && own.every(({ value }) => value === 0);
}

function targetsOf(answers: Answers): Measured[] {
  const { cpuBusyPercent, cpuSampledAt, memoryUsedPercent } = answers;
  const keys = new Map([...cpuSampledAt, ...cpuBusyPercent, ...memoryUsedPercent].map((series) => [keyOf(series), series.labels]));
  return [...keys].map(([key, labels]) => {
    const of = (name: QueryName): number | undefined => finite(answers[name].find((series) => keyOf(series) === key)?.value);
    const sampled = cpuSampledAt.find((series) => keyOf(series) === key);
    return {
      instance: labels.instance ?? '',
      node: labels.node,
      hostName: answers.hostNames.find((series) => series.labels.instance === labels.instance)?.labels.nodename,
      state: {
        ...optional('cpuBusyPercent', percent(of('cpuBusyPercent'))),
        ...optional('memoryUsedPercent', percent(of('memoryUsedPercent'))),
        ...optional('diskUsedPercent', percent(disk(answers.diskUsedPercent.filter((series) => keyOf(series) === key)))),
        ...optional('temperatureCelsius', of('temperatureCelsius')),
        ...optional('frequencyMHz', of('frequencyMHz')),
        ...optional('loadAverage', of('loadAverage')),
      },
      ageMs:
        sampled === undefined || !Number.isFinite(sampled.value)
          ? Number.POSITIVE_INFINITY
          : Math.max(0, sampled.atMs - sampled.value * 1000),
      cores: of('cores'),
      memoryBytes: of('memoryBytes'),
    };
  });
}

function keyOf({ labels }: Series): string {
  return `${labels.instance ?? ''} ${labels.node ?? ''}`;
}

/** The root's file system; an agent tells of one only, wherever it is mounted. */
function disk(mounts: readonly Series[]): number | undefined {
  const root = mounts.find(({ labels }) => labels.mountpoint === '/');
  return (root ?? (mounts.length === 1 ? mounts[0] : undefined))?.value;
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
