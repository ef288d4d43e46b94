/**
 * How the devices are now, whoever knows it: a port with two implementations, the mesh's own heartbeats and any Prometheus.
 *
 * A device that is known and can't be predicted for is told, too, with the reasons: whoever asks can say why it is missing in an answer.
 */
import type { Device } from '../../../mesh/device.ts';
import type { DeviceState } from '../../profiler/sample.ts';

export interface DeviceStates {
  /** In order of their names. Errors: `unreachable`, `timeout`, `invalid` and `failed` when the source itself does not answer as it should. */
  now(signal: AbortSignal): Promise<readonly KnownState[]>;
}

export interface KnownState {
  readonly node: string;
  readonly nodeUuid: string;
  /** Empty: nobody says. */
  readonly deviceModel: string;
  /** `Computer` or `VM`, as characterization agents say it. */
  readonly deviceClass: string;
  /** What Prometheus calls the target its metrics come from. */
  readonly instance?: string;
  readonly state: DeviceState;
  /** How long ago the state was measured; Infinity: nobody knows. */
  readonly ageMs: number;
  readonly cores?: number;
  readonly memoryBytes?: number;
  /** All that its agent says of it, when it is one of the mesh. */
  readonly device?: Device;
  /** Why no answer may be built on it, for a person; empty: it can be used. */
  readonly problems: readonly string[];
}

/** What the profiler looks at; the rest of a state may be absent. */
const needed = {
  cpuBusyPercent: 'CPU use',
  memoryUsedPercent: 'memory in use',
  diskUsedPercent: 'disk in use',
} as const satisfies Partial<Record<keyof DeviceState, string>>;

/** Why a state can't be used: parts that are missing, and that it is too old. */
export function problemsOf(state: DeviceState, ageMs: number, staleAfterMs: number): string[] {
  const missing = Object.entries(needed).flatMap(([key, words]) =>
    state[key as keyof DeviceState] === undefined ? [`its ${words} is not known`] : [],
  );
  return ageMs > staleAfterMs ? [...missing, staleness(ageMs, staleAfterMs)] : missing;
}

function staleness(ageMs: number, staleAfterMs: number): string {
  const allowed = `${staleAfterMs / 1000} s are allowed (--stale-after)`;
  return Number.isFinite(ageMs)
    ? `its metrics are ${Math.ceil(ageMs / 1000)} s old, ${allowed}`
    : `nobody knows how old its metrics are, ${allowed}`;
}

/** Of 0 to 100. Sampling and rounding may lead a little beyond. Undefined when there is no number. */
export function percent(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : Math.min(100, Math.max(0, value));
}
