/**
 * What travels over the bus, as bytes. Decoding refuses what is no such message (error `invalid`) and versions that are not known
 * (error `conflict`); whatever comes out has been validated.
 */
import { StageEvent as WireStageEvent } from '../../proto/gen/mesh/v1/agent.ts';
import { Ack as WireAck, MeasureBatch as WireMeasureBatch, Presence as WirePresence } from '../../proto/gen/mesh/v1/bus.ts';
import type { Presence } from '../device.ts';
import { MeshError } from '../error.ts';
import type { Epoch, FrameId } from '../frame.ts';
import type { MeasureBatch } from '../measures.ts';
import type { StageEvent } from '../stage.ts';
import { deviceFromWire, deviceLoadFromWire, deviceLoadToWire, deviceToWire } from '../wire-device.ts';
import { measureBatchFromWire, measureBatchToWire } from '../wire-measures.ts';
import { numberFromWire, required } from '../wire-number.ts';
import { stageEventFromWire, stageEventToWire, stageStatusFromWire, stageStatusToWire } from '../wire-stage.ts';

/** The only versions of Presence and Ack there are so far. */
export const PRESENCE_VERSION = 1;
export const ACK_VERSION = 1;

/** All frames below `next` are committed at the sink. */
export interface Ack {
  readonly epoch: Epoch;
  readonly next: FrameId;
}

export function encodePresence(presence: Presence): Uint8Array {
  return WirePresence.encode(
    WirePresence.fromPartial({
      ...presence,
      version: PRESENCE_VERSION,
      beat: BigInt(presence.beat),
      device: deviceToWire(presence.device),
      load: deviceLoadToWire(presence.load),
      stages: presence.stages.map(stageStatusToWire),
    }),
  ).finish();
}

export function decodePresence(bytes: Uint8Array): Presence {
  const wire = decode('Presence', WirePresence, bytes);
  checkVersion('Presence', wire.version, PRESENCE_VERSION);
  return {
    beat: numberFromWire(wire.beat, 'beat'),
    incarnation: wire.incarnation,
    device: deviceFromWire(required(wire.device, 'the device of a presence')),
    load: deviceLoadFromWire(required(wire.load, 'the load of a presence')),
    stages: wire.stages.map(stageStatusFromWire),
    draining: wire.draining,
    protocolVersion: wire.protocolVersion,
    softwareVersion: wire.softwareVersion,
    leaving: wire.leaving,
  };
}

export function encodeStageEvent(event: StageEvent): Uint8Array {
  return WireStageEvent.encode(stageEventToWire(event)).finish();
}

export function decodeStageEvent(bytes: Uint8Array): StageEvent {
  return stageEventFromWire(decode('StageEvent', WireStageEvent, bytes));
}

export function encodeAck(ack: Ack): Uint8Array {
  return WireAck.encode(WireAck.fromPartial({ version: ACK_VERSION, ...ack })).finish();
}

export function decodeAck(bytes: Uint8Array): Ack {
  const wire = decode('Ack', WireAck, bytes);
  checkVersion('Ack', wire.version, ACK_VERSION);
  return { epoch: wire.epoch, next: wire.next };
}

export function encodeMeasureBatch(batch: MeasureBatch): Uint8Array {
  return WireMeasureBatch.encode(measureBatchToWire(batch)).finish();
}

export function decodeMeasureBatch(bytes: Uint8Array): MeasureBatch {
  return measureBatchFromWire(decode('MeasureBatch', WireMeasureBatch, bytes));
}

function decode<T>(name: string, message: { decode(bytes: Uint8Array): T }, bytes: Uint8Array): T {
  try {
    return message.decode(bytes);
  } catch (error) {
    throw new MeshError('invalid', `${bytes.length} bytes are not a ${name} message`, { cause: error });
  }
}

function checkVersion(name: string, found: number, known: number): void {
  if (found === known) return;
  throw new MeshError('conflict', `a ${name} of version ${found} can't be read: this program knows version ${known}`, {
    hint: 'install the same version of splitmesh on all devices',
  });
}
