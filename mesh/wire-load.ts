/**
 * Load on a system, as it is asked for and as it was measured: our types ↔ protobuf. Validated once, here.
 */
import { LoadFigures as WireFigures, type LoadSettings as WireLoad, type WarmedUp as WireWarmedUp } from '../proto/gen/mesh/v1/bench.ts';
import { MeshError } from './error.ts';
import type { LoadFigures } from './loadgen/figures.ts';
import type { LoadSettings, Scenario } from './loadgen/scenario.ts';
import type { WarmedUp } from './loadgen/warm-up.ts';
import { numberFromWire, optional, required } from './wire-number.ts';

export function loadSettingsToWire({ scenario, percentile, durationMsMin, durationMsMax, queriesMin }: LoadSettings): WireLoad {
  return { scenario: scenarioToWire(scenario), percentile, durationMsMin, durationMsMax, queriesMin: BigInt(queriesMin) };
}

/** Error `invalid` for settings that make no sense. */
export function loadSettingsFromWire(wire: WireLoad | undefined): LoadSettings {
  const { scenario, percentile, durationMsMin, durationMsMax, queriesMin } = required(wire, 'load');
  if (!(percentile > 0 && percentile < 1)) throw new MeshError('invalid', `percentile is ${percentile}: expected between 0 and 1`);
  if (!(durationMsMin >= 0 && durationMsMax > 0 && durationMsMin <= durationMsMax && Number.isFinite(durationMsMax)))
    throw new MeshError('invalid', `a run of ${durationMsMin} to ${durationMsMax} ms makes no sense`);
  return {
    scenario: scenarioFromWire(scenario),
    percentile,
    durationMsMin,
    durationMsMax,
    queriesMin: numberFromWire(queriesMin, 'queries_min'),
  };
}

function scenarioToWire(scenario: Scenario): NonNullable<WireLoad['scenario']> {
  switch (scenario.kind) {
    case 'single-stream':
      return { $case: 'singleStream', value: {} };
    case 'multi-stream':
      return { $case: 'multiStream', value: { samplesPerQuery: scenario.samplesPerQuery } };
    case 'server':
      return { $case: 'server', value: { queriesPerS: scenario.queriesPerS, boundMs: scenario.boundMs } };
    case 'offline':
      return { $case: 'offline', value: { samplesPerCall: scenario.samplesPerCall } };
  }
}

function scenarioFromWire(wire: WireLoad['scenario']): Scenario {
  switch (wire?.$case) {
    case 'singleStream':
      return { kind: 'single-stream' };
    case 'multiStream':
      return { kind: 'multi-stream', samplesPerQuery: positive(wire.value.samplesPerQuery, 'samples_per_query') };
    case 'server':
      return {
        kind: 'server',
        queriesPerS: positive(wire.value.queriesPerS, 'queries_per_s'),
        boundMs: positive(wire.value.boundMs, 'bound_ms'),
      };
    case 'offline':
      return { kind: 'offline', samplesPerCall: positive(wire.value.samplesPerCall, 'samples_per_call') };
    default:
      throw new MeshError('invalid', 'the load has no scenario');
  }
}

export function loadFiguresToWire(figures: LoadFigures): WireFigures {
  const { settings, queries, samples, overlatency, latencyMs, peak, invalid, warmUp, ...rest } = figures;
  return {
    estimateMs: undefined,
    ...rest,
    settings: loadSettingsToWire(settings),
    warmUp: { ...warmUp },
    queries: BigInt(queries),
    samples: BigInt(samples),
    overlatency: overlatency === undefined ? undefined : BigInt(overlatency),
    latencyMs: latencyMs === undefined ? undefined : { ...latencyMs, percentiles: [...latencyMs.percentiles] },
    invalid: [...invalid],
    peak: peak === undefined ? undefined : { queriesPerS: undefined, failedPerS: undefined, ...peak },
  };
}

/** Error `invalid` for whatever can't be. */
export function loadFiguresFromWire(wire: WireFigures): LoadFigures {
  const { sessionMs, firstMs, batch, sampleCount, durationMs, samplesPerS, invalid, latencyMs, peak, overlatency } = wire;
  if (latencyMs !== undefined && latencyMs.percentiles.length !== 101)
    throw new MeshError('invalid', `${latencyMs.percentiles.length} percentiles of latency: expected 101`);
  return {
    ...{ sessionMs, firstMs, batch, sampleCount, durationMs, samplesPerS, invalid },
    settings: loadSettingsFromWire(wire.settings),
    warmUp: warmedUpFromWire(wire.warmUp),
    queries: numberFromWire(wire.queries, 'queries'),
    samples: numberFromWire(wire.samples, 'samples'),
    ...optional(
      'latencyMs',
      latencyMs === undefined ? undefined : { mean: latencyMs.mean, percentiles: latencyMs.percentiles, p999: latencyMs.p999 },
    ),
    ...optional('estimateMs', wire.estimateMs),
    ...optional('overlatency', overlatency === undefined ? undefined : numberFromWire(overlatency, 'overlatency')),
    ...optional(
      'peak',
      peak === undefined
        ? undefined
        : { ...optional('queriesPerS', peak.queriesPerS), ...optional('failedPerS', peak.failedPerS), attempts: peak.attempts },
    ),
  };
}

function warmedUpFromWire(wire: WireWarmedUp | undefined): WarmedUp {
  const { calls, elapsedMs, steady, variation, callMs } = required(wire, 'the warm-up');
  return { calls, elapsedMs, steady, variation, callMs };
}

function positive(value: number, what: string): number {
  if (!(value > 0 && Number.isFinite(value))) throw new MeshError('invalid', `${what} is ${value}: expected more than 0`);
  return value;
}

export function encodeLoadFigures(figures: LoadFigures): Uint8Array {
  return WireFigures.encode(loadFiguresToWire(figures)).finish();
}

/** Error `invalid` for bytes that are no figures. */
export function decodeLoadFigures(bytes: Uint8Array): LoadFigures {
  try {
    return loadFiguresFromWire(WireFigures.decode(bytes));
  } catch (error) {
    throw MeshError.from(error, 'invalid');
  }
}
