import test from 'ava';
import fc from 'fast-check';
import {
  decodeAck,
  decodeMeasureBatch,
  decodePresence,
  decodeStageEvent,
  encodeAck,
  encodeMeasureBatch,
  encodePresence,
  encodeStageEvent,
} from '../../../mesh/bus/messages.ts';
import type { Presence } from '../../../mesh/device.ts';
import { MeshError } from '../../../mesh/error.ts';
import { stageMeasurementsOf } from '../../../mesh/measurement.ts';
import type { MeasureBatch } from '../../../mesh/measures.ts';
import { stageStates } from '../../../mesh/stage.ts';
import { completeMeasures, encodeMeasures, MEASURE_BATCH_VERSION } from '../../../mesh/wire-measures.ts';
import { Ack, MeasureBatch as WireMeasureBatch, Presence as WirePresence } from '../../../proto/gen/mesh/v1/bus.ts';

const key = { run: 'r1', stage: 'b', epoch: 2n };

const presence: Presence = {
  beat: 7,
  incarnation: 'abc',
  device: {
    name: 'pi4',
    address: '10.0.0.4:7070',
    arch: 'arm64',
    os: 'Debian GNU/Linux 12 (bookworm)',
    cores: 4,
    cpuModel: 'Cortex-A72',
    memoryBytes: 4e9,
    diskBytes: 3e13,
    cpuQuotaCores: 0.4,
    memoryLimitBytes: 512 * 2 ** 20,
    nodeVersion: '24.0.0',
    runtimeVersion: '1.30.0',
    cgroup: 'v2',
    virtualMachine: true,
  },
  load: { cpuBusyCores: 0.5, memoryFreeBytes: 1e9, diskFreeBytes: 1e9, temperatureCelsius: 51.5, powerWatts: 3.2 },
  stages: stageStates.map((state) => ({ key, state, pid: 12, frames: 3 })),
  draining: true,
  protocolVersion: 1,
  softwareVersion: '0.1.0',
  leaving: true,
};

const batch: MeasureBatch = {
  key,
  device: 'pi4',
  sequence: 3,
  frame: [0n, 1n],
  queueUs: [1, 2],
  decodeUs: [3, 4],
  computeUs: [5, 6],
  encodeUs: [7, 8],
  probeUs: [350, 351],
  links: [{ to: 'c', frame: [0n], rawBytes: [100], wireBytes: [90], transferUs: [11], occupiedUs: [9], encodeUs: [2], codec: ['lz4'] }],
};

test('a presence survives its way over the bus', (t) => {
  t.deepEqual(decodePresence(encodePresence(presence)), presence);
});

test('what a device does not know stays absent', (t) => {
  const { cpuModel, cpuQuotaCores, memoryLimitBytes, cgroup, ...device } = presence.device;
  const sparse: Presence = { ...presence, device, load: {}, stages: [{ key, state: 'loading', frames: 0 }] };
  t.deepEqual(decodePresence(encodePresence(sparse)), sparse);
});

test('stage events and acks survive their way over the bus', (t) => {
  const event = { key, device: 'pi4', state: 'failed', reason: 'lost a', lostPeer: 'a', frames: 4 } as const;
  t.deepEqual(decodeStageEvent(encodeStageEvent(event)), event);
  const ack = { epoch: 1n, next: 2n ** 63n };
  t.deepEqual(decodeAck(encodeAck(ack)), ack);
});

test('measurements survive, whether encoded whole or completed by the agent', (t) => {
  t.deepEqual(decodeMeasureBatch(encodeMeasureBatch(batch)), batch);
  t.deepEqual(decodeMeasureBatch(completeMeasures(encodeMeasures(batch), batch)), batch);
});

test('a stage without a speed probe says nothing of it; with one, something of each frame', (t) => {
  const probes = (probeUs: readonly number[]) =>
    stageMeasurementsOf(decodeMeasureBatch(encodeMeasureBatch({ ...batch, probeUs }))).map((row) => row.probeUs);
  t.deepEqual(probes([350, 351]), [350, 351]);
  t.deepEqual(probes([0, 351]), [undefined, 351]);
  t.deepEqual(probes([]), [undefined, undefined]);
  t.is(t.throws(() => probes([350]), { instanceOf: MeshError })?.code, 'invalid');
});

test('a stage can not claim to be another one', (t) => {
  const forged = encodeMeasureBatch({ ...batch, key: { run: 'x', stage: 'y', epoch: 9n }, device: 'z', sequence: 99 });
  t.deepEqual(decodeMeasureBatch(completeMeasures(forged, batch)), batch);
});

test('columns of different length are refused', (t) => {
  const crooked = WireMeasureBatch.encode(
    WireMeasureBatch.fromPartial({ version: MEASURE_BATCH_VERSION, key, frame: [1n], queueUs: [] }),
  ).finish();
  t.is(t.throws(() => decodeMeasureBatch(crooked), { instanceOf: MeshError })?.code, 'invalid');
});

test('a version that is not known is refused, naming both', (t) => {
  const bytes = Ack.encode(Ack.fromPartial({ version: 7, epoch: 1n, next: 2n })).finish();
  const error = t.throws(() => decodeAck(bytes), { instanceOf: MeshError });
  t.is(error?.code, 'conflict');
  t.regex(error?.message ?? '', /version 7.*version 1/);
  for (const decode of [decodePresence, decodeMeasureBatch, decodeStageEvent]) {
    t.is(t.throws(() => decode(new Uint8Array()), { instanceOf: MeshError })?.code, 'conflict');
  }
});

test('device names, states and sizes that make no sense are refused', (t) => {
  const wire = () => WirePresence.decode(encodePresence(presence));
  const broken: ((message: WirePresence) => void)[] = [
    (message) => (message.device!.name = 'a.b'),
    (message) => (message.device!.cores = 0),
    (message) => (message.device!.cgroup = 'v3'),
    (message) => (message.device!.memoryBytes = 2n ** 60n),
    (message) => (message.device = undefined),
    (message) => (message.stages[0]!.key = undefined),
    (message) => (message.stages[0]!.key!.run = '>'),
  ];
  for (const damage of broken) {
    const message = wire();
    damage(message);
    t.is(t.throws(() => decodePresence(WirePresence.encode(message).finish()), { instanceOf: MeshError })?.code, 'invalid', String(damage));
  }
});

test('whatever bytes arrive, decoding ends in a value or a MeshError', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const decode of [decodePresence, decodeStageEvent, decodeAck, decodeMeasureBatch]) {
        try {
          decode(bytes);
        } catch (error) {
          if (!(error instanceof MeshError)) throw error;
        }
      }
    }),
  );
  t.pass();
});
