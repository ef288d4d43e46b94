/**
 * Stage keys, states, events and use: our types ↔ protobuf. Validated once, here.
 */
import {
  StageEvent as WireStageEvent,
  StageKey as WireStageKey,
  StageStatus as WireStageStatus,
  StageUse as WireStageUse,
  StageState as WireState,
} from '../proto/gen/mesh/v1/agent.ts';
import { MeshError } from './error.ts';
import { checkName } from './name.ts';
import type { StageEvent, StageKey, StageState, StageStatus, StageUse } from './stage.ts';
import { stageStates } from './stage.ts';
import { numberFromWire, optional, required } from './wire-number.ts';

/** The only version of StageEvent there is so far. */
export const STAGE_EVENT_VERSION = 1;

const stateToWire = {
  loading: WireState.STAGE_STATE_LOADING,
  ready: WireState.STAGE_STATE_READY,
  running: WireState.STAGE_STATE_RUNNING,
  failed: WireState.STAGE_STATE_FAILED,
  retired: WireState.STAGE_STATE_RETIRED,
} as const satisfies Record<StageState, WireState>;

function stateFromWire(wire: WireState): StageState {
  const state = stageStates.find((candidate) => stateToWire[candidate] === wire);
  if (state === undefined) throw new MeshError('invalid', `stage state ${wire} is not known`);
  return state;
}

export function stageKeyToWire(key: StageKey): WireStageKey {
  return WireStageKey.fromPartial(key);
}

export function stageKeyFromWire(wire: WireStageKey | undefined): StageKey {
  const key = required(wire, 'the stage key');
  return { run: checkName(key.run, 'run'), stage: checkName(key.stage, 'stage'), epoch: key.epoch };
}

export function stageStatusToWire(status: StageStatus): WireStageStatus {
  return WireStageStatus.fromPartial({
    key: status.key,
    state: stateToWire[status.state],
    pid: status.pid,
    frames: BigInt(status.frames),
  });
}

export function stageStatusFromWire(wire: WireStageStatus): StageStatus {
  return {
    key: stageKeyFromWire(wire.key),
    state: stateFromWire(wire.state),
    ...optional('pid', wire.pid),
    frames: numberFromWire(wire.frames, 'frames'),
  };
}

export function stageEventToWire(event: StageEvent): WireStageEvent {
  return WireStageEvent.fromPartial({
    ...event,
    version: STAGE_EVENT_VERSION,
    state: stateToWire[event.state],
    frames: BigInt(event.frames),
  });
}

/** Error `conflict` for a version that is not known, `invalid` when a field makes no sense. */
export function stageEventFromWire(wire: WireStageEvent): StageEvent {
  if (wire.version !== STAGE_EVENT_VERSION) {
    throw new MeshError(
      'conflict',
      `a StageEvent of version ${wire.version} can't be read: this program knows version ${STAGE_EVENT_VERSION}`,
    );
  }
  return {
    key: stageKeyFromWire(wire.key),
    device: wire.device,
    state: stateFromWire(wire.state),
    reason: wire.reason,
    ...optional('lostPeer', wire.lostPeer === '' ? undefined : wire.lostPeer),
    frames: numberFromWire(wire.frames, 'frames'),
    ...optional('progress', wire.progress),
  };
}

export function stageUseToWire(use: StageUse): WireStageUse {
  return WireStageUse.fromPartial({
    key: use.key,
    frames: BigInt(use.frames),
    cpuMs: use.cpuMs,
    peakMemoryBytes: use.peakMemoryBytes === undefined ? undefined : BigInt(use.peakMemoryBytes),
    measureBatches: BigInt(use.measureBatches),
  });
}

export function stageUseFromWire(wire: WireStageUse): StageUse {
  const peak = wire.peakMemoryBytes === undefined ? undefined : numberFromWire(wire.peakMemoryBytes, 'peak_memory_bytes');
  return {
    key: stageKeyFromWire(wire.key),
    frames: numberFromWire(wire.frames, 'frames'),
    ...optional('cpuMs', wire.cpuMs),
    ...optional('peakMemoryBytes', peak),
    measureBatches: numberFromWire(wire.measureBatches, 'measure_batches'),
  };
}
