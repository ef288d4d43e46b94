/**
 * The Agent service: what a controller can ask of this device. Conversion and status codes only; the work is the supervisor's.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { joinAddress } from '../../mesh/address.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { unary } from '../../mesh/grpc/handler.ts';
import { LOAD_TIMEOUT_MS } from '../../mesh/grpc/options.ts';
import { toStatus } from '../../mesh/grpc/status.ts';
import { checkName } from '../../mesh/name.ts';
import { PROTOCOL_VERSION } from '../../mesh/protocol-version.ts';
import { deviceToWire } from '../../mesh/wire-device.ts';
import { sessionFactsToWire } from '../../mesh/wire-session.ts';
import { stageEventToWire, stageKeyFromWire, stageStatusToWire, stageUseToWire } from '../../mesh/wire-stage.ts';
import {
  type AgentServer,
  DescribeReply,
  DrainReply,
  LoadReply,
  RecodeReply,
  RenewReply,
  RetireReply,
  StartReply,
  type WatchRequest,
  type StageEvent as WireStageEvent,
} from '../../proto/gen/mesh/v1/agent.ts';
import type { StageSupervisor } from '../stages/supervisor.ts';
import { recodingOf, stageOrderOf, stageStartOf } from './wire.ts';

/** An answer to Drain leaves this much before the caller's deadline. */
const DRAIN_MARGIN_MS = 200;

export interface AgentServiceOptions {
  readonly supervisor: StageSupervisor;
  readonly softwareVersion: string;
  readonly device: () => Device;
  /** The host under which others reach this device's stages. */
  readonly advertisedHost: string;
  /** Takes no new stages from now on. */
  readonly drain: () => void;
  readonly onBug: (error: unknown) => void;
}

export interface AgentService {
  readonly implementation: AgentServer;
  /** Ends all watches: the agent is stopping. */
  close(): void;
}

export function createAgentService(options: AgentServiceOptions): AgentService {
  const { supervisor, onBug } = options;
  const watches = new Set<ServerWritableStream<WatchRequest, WireStageEvent>>();
  const stopping = new MeshError('lost', 'the agent is stopping');

  const implementation: AgentServer = {
    describe: unary(
      () =>
        DescribeReply.fromPartial({
          protocolVersion: PROTOCOL_VERSION,
          softwareVersion: options.softwareVersion,
          device: deviceToWire(options.device()),
          stages: supervisor.status().map(stageStatusToWire),
          draining: supervisor.draining,
          stageMemoryBytes: BigInt(supervisor.memory.totalBytes),
          reservedMemoryBytes: BigInt(supervisor.memory.reservedBytes),
        }),
      onBug,
    ),

    load: unary(async (request, { signal }) => {
      const loaded = await supervisor.load(stageOrderOf(request), AbortSignal.any([signal, AbortSignal.timeout(LOAD_TIMEOUT_MS)]));
      const address = joinAddress(options.advertisedHost, loaded.port);
      return LoadReply.fromPartial({ address, session: loaded.session, reused: loaded.reused, ...sessionFactsToWire(loaded) });
    }, onBug),

    start: unary((request) => {
      supervisor.start(stageKeyFromWire(request.key), stageStartOf(request));
      return StartReply.fromPartial({});
    }, onBug),

    recode: unary((request) => {
      const { key, to, codecs } = recodingOf(request);
      supervisor.recode(key, to, codecs);
      return RecodeReply.fromPartial({});
    }, onBug),

    retire: unary(async ({ run, stage, epoch }) => {
      const used = await supervisor.retire(checkName(run, 'run'), stage, epoch);
      return RetireReply.fromPartial({ stages: used.map(stageUseToWire) });
    }, onBug),

    renew: unary(({ run, leaseMs }) => RenewReply.fromPartial({ stages: supervisor.renew(run, leaseMs) }), onBug),

    watch: (call) => {
      const stop = supervisor.watch(call.request.run, (event) => call.write(stageEventToWire(event)));
      watches.add(call);
      call.on('cancelled', () => {
        stop();
        watches.delete(call);
      });
    },

    drain: unary(async (_request, { signal, remainingMs }) => {
      options.drain();
      const patience = Number.isFinite(remainingMs) ? [AbortSignal.timeout(Math.max(0, remainingMs - DRAIN_MARGIN_MS))] : [];
      await supervisor.idle(AbortSignal.any([signal, ...patience]));
      return DrainReply.fromPartial({ stagesLeft: supervisor.alive });
    }, onBug),
  };

  return {
    implementation,
    close: () => {
      for (const call of watches) call.emit('error', toStatus(stopping));
      watches.clear();
    },
  };
}
