/**
 * The answer to "where does it run fastest?": the published form first and byte for byte, what is ours behind it.
 *
 *     states ──▶ usable? ──▶ profiler ──▶ fastest = profiling_prediction, the others = alternatives
 *                  └── not: left_out, with the reasons; nobody left: 503, never a guess
 *
 * Source of names, order and units (seconds): the service and README of PEPPER's profiler.
 */
import { MeshError } from '../../../mesh/error.ts';
import type { Prediction } from '../../profiler/prediction.ts';
import type { DeviceStates, KnownState } from '../device-state/known-state.ts';
import type { DevicePrediction, ProfiledSubject, ProfilerPort } from './profiler-port.ts';
import { floatText, type Json, type JsonObject } from './python-json.ts';
import { json, notNow, type Reply, refusal } from './reply.ts';

export interface Predicting {
  readonly states: DeviceStates;
  readonly profiler: ProfilerPort;
}

export interface Asked {
  readonly subject: ProfiledSubject;
  /** `model_characteristics` of the answer. */
  readonly characteristics: JsonObject;
  /** Fields of the request that nothing was made of. */
  readonly unused: readonly string[];
}

/** Errors: the signal's reason, and what is nobody's fault but ours. */
export async function predictReply({ states, profiler }: Predicting, asked: Asked, signal: AbortSignal): Promise<Reply> {
  let known: readonly KnownState[];
  try {
    known = await states.now(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MeshError)) throw error;
    return notNow(`the state of the devices is not known: ${error.message}`);
  }
  const usable = known.filter(({ problems }) => problems.length === 0);
  const leftOut = known.filter(({ problems }) => problems.length > 0).map(({ node, problems }) => ({ node, reasons: [...problems] }));
  if (known.length === 0) return notNow('no device is known');
  if (usable.length === 0) return notNow('of no device the present state is known well enough', { left_out: leftOut });
  let predictions: readonly DevicePrediction[];
  try {
    predictions = await profiler.predict(asked.subject, usable, signal);
  } catch (error) {
    signal.throwIfAborted();
    return refusalOf(error);
  }
  return answerOf(asked, usable, predictions, leftOut);
}

function refusalOf(error: unknown): Reply {
  if (!(error instanceof MeshError)) throw error;
  const more = error.hint === undefined ? {} : { hint: error.hint };
  return error.code === 'invalid' || error.code === 'unsupported' ? refusal(422, error.message, more) : notNow(error.message, more);
}

interface LeftOut {
  readonly [key: string]: Json;
  readonly node: string;
  readonly reasons: string[];
}

function answerOf(
  { subject, characteristics, unused }: Asked,
  usable: readonly KnownState[],
  predictions: readonly DevicePrediction[],
  leftOut: readonly LeftOut[],
): Reply {
  const sound = predictions.filter(({ prediction: { ms } }) => Number.isFinite(ms) && ms >= 0);
  const unpredicted = usable
    .filter(({ node }) => !sound.some((each) => each.node === node))
    .map(({ node }) => ({ node, reasons: ['the profiler has no prediction for it'] }));
  const all = [...leftOut, ...unpredicted];
  const [fastest, ...others] = sound.map((each) => entryOf(subject.model, usable.find(({ node }) => node === each.node)!, each.prediction));
  if (fastest === undefined) return notNow('the profiler can predict for none of the devices', { left_out: all });
  return json(200, {
    message: 'Profiling data received',
    model_characteristics: characteristics,
    profiling_prediction: fastest.published,
    status: 'success',
    alternatives: others.map(({ published, ours }) => ({ ...published, ...ours })),
    ...fastest.ours,
    left_out: all,
    unused_fields: [...unused],
  });
}

function entryOf(model: string, state: KnownState, prediction: Prediction): { readonly published: JsonObject; readonly ours: JsonObject } {
  const { interval, measurements, extrapolates, contributions } = prediction;
  const bounded = Number.isFinite(interval.high);
  return {
    published: {
      class: state.deviceClass,
      device_model: state.deviceModel,
      model,
      node: state.node,
      node_uuid: state.nodeUuid,
      predicted_execution_time: seconds(prediction.ms),
    },
    ours: {
      interval: { high: bounded ? seconds(interval.high) : null, low: seconds(interval.low) },
      interval_note: bounded
        ? null
        : `infinite: ${measurements} measurements of this device are too few to say how far off predictions are`,
      measurements,
      extrapolates: [...extrapolates],
      contributions: contributions.map(({ name, value, unit }) => ({ name, unit, value: floatText(value) })),
      state_age_seconds: floatText(state.ageMs / 1000),
    },
  };
}

function seconds(ms: number): Json {
  return floatText(ms / 1000);
}
