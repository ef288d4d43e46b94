/**
 * What a controller says to one agent: the Agent service with deadlines, our own nouns and errors that name the device.
 *
 * Small calls share one control channel, so that bulk can't block them; its keepalive notices a dead or frozen agent within 1.5 s.
 */
import { connectivityState, type ServiceError } from '@grpc/grpc-js';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { blobToWire } from '../../mesh/files/wire.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { callUnary, type UnaryMethod } from '../../mesh/grpc/call.ts';
import { channelCredentials } from '../../mesh/grpc/credentials.ts';
import { CALL_TIMEOUT_MS, controlChannelOptions, LOAD_TIMEOUT_MS } from '../../mesh/grpc/options.ts';
import { fromStatus } from '../../mesh/grpc/status.ts';
import { PROTOCOL_VERSION } from '../../mesh/protocol-version.ts';
import type { StageEvent, StageKey, StageUse } from '../../mesh/stage.ts';
import { deviceFromWire } from '../../mesh/wire-device.ts';
import { numberFromWire, required } from '../../mesh/wire-number.ts';
import { sessionFactsFromWire } from '../../mesh/wire-session.ts';
import { stageEventFromWire, stageKeyToWire, stageUseFromWire } from '../../mesh/wire-stage.ts';
import { tensorSpecToWire } from '../../mesh/wire-tensor.ts';
import { timingItemToWire } from '../../mesh/wire-timing.ts';
import { turnsToWire } from '../../mesh/wire-turns.ts';
import { LoadRequest, AgentClient as Stub, type StageEvent as WireStageEvent } from '../../proto/gen/mesh/v1/agent.ts';
import type { AgentPort, Watching } from './agent-port.ts';
import type { LoadedStage, StageInputRoute, StageOrder, StageOutputRoute } from './stage-order.ts';

export interface AgentDescription {
  readonly device: Device;
  readonly softwareVersion: string;
  readonly draining: boolean;
  /** Memory that stages may take there. Absent: unknown. */
  readonly stageMemoryBytes?: number;
  /** What the stages that are there were admitted with. */
  readonly reservedMemoryBytes: number;
}

export class AgentClient implements AgentPort, Disposable {
  readonly name: string;
  readonly address: string;
  #channel: Stub;

  /** `name`: how messages call the device. Nothing is sent before the first call. */
  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
    this.#channel = stubOf(address);
  }

  /** Error `conflict` when the agent speaks another version of the protocol; both versions are named. */
  async describe(signal?: AbortSignal): Promise<AgentDescription> {
    const reply = await this.#call(this.#stub.describe, {}, CALL_TIMEOUT_MS, signal);
    if (reply.protocolVersion !== PROTOCOL_VERSION) {
      throw new MeshError(
        'conflict',
        `${this.#peer} speaks protocol version ${reply.protocolVersion} (splitmesh ${reply.softwareVersion}), this controller version ${PROTOCOL_VERSION}`,
        { hint: 'install the same release of splitmesh on the controller and on every device' },
      );
    }
    const device = deviceFromWire(required(reply.device, 'the device of a DescribeReply'));
    const { softwareVersion, draining, stageMemoryBytes, reservedMemoryBytes } = reply;
    return {
      device,
      softwareVersion,
      draining,
      ...(stageMemoryBytes === undefined ? {} : { stageMemoryBytes: numberFromWire(stageMemoryBytes, 'stage_memory_bytes') }),
      reservedMemoryBytes: numberFromWire(reservedMemoryBytes, 'reserved_memory_bytes'),
    };
  }

  async load(order: StageOrder, signal?: AbortSignal): Promise<LoadedStage> {
    const request = LoadRequest.fromPartial({
      ...order,
      key: stageKeyToWire(order.key),
      model: blobToWire(order.model),
      externalData: Object.fromEntries(Object.entries(order.externalData).map(([name, blob]) => [name, blobToWire(blob)])),
      inputs: order.inputs.map(tensorSpecToWire),
      outputs: [...order.outputs],
      session: order.session,
      speedProbe: order.speedProbe === undefined ? undefined : timingItemToWire(order.speedProbe),
      windowBytes: BigInt(order.windowBytes),
      routes: order.routes.map((route) => ({ ...routeToWire(route), codecs: [...route.codecs] })),
    });
    const reply = await this.#call(this.#stub.load, request, LOAD_TIMEOUT_MS, signal);
    const session = required(reply.session, 'the session of a LoadReply');
    return { address: reply.address, threads: session.intraOpThreads, reused: reply.reused, ...sessionFactsFromWire(reply) };
  }

  async start(key: StageKey, inputs: readonly StageInputRoute[], first: FrameId, signal?: AbortSignal): Promise<void> {
    const request = { key: stageKeyToWire(key), inputs: inputs.map(routeToWire), firstFrame: first };
    await this.#call(this.#stub.start, request, CALL_TIMEOUT_MS, signal);
  }

  async recode(key: StageKey, to: string, codecs: CodecCycle, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#stub.recode, { key: stageKeyToWire(key), to, codecs: [...codecs] }, CALL_TIMEOUT_MS, signal);
  }

  async retire(run: string, epoch: bigint, signal?: AbortSignal): Promise<StageUse[]> {
    const reply = await this.#call(this.#stub.retire, { run, stage: '', epoch }, CALL_TIMEOUT_MS, signal);
    return reply.stages.map(stageUseFromWire);
  }

  async renew(run: string, leaseMs: number, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#stub.renew, { run, leaseMs }, CALL_TIMEOUT_MS, signal);
  }

  watch(run: string, onEvent: (event: StageEvent) => void, onEnd: (error: MeshError) => void): Watching {
    const call = this.#stub.watch({ run });
    let ended = false;
    const end = (error: MeshError): void => {
      if (ended) return;
      ended = true;
      call.cancel();
      onEnd(error);
    };
    call.on('data', (event: WireStageEvent) => {
      try {
        if (!ended) onEvent(stageEventFromWire(event));
      } catch (error) {
        end(MeshError.from(error, 'invalid'));
      }
    });
    call.on('error', (error: ServiceError) => end(fromStatus(error, this.#peer)));
    call.on('end', () => end(new MeshError('lost', `${this.#peer} ended its stream of events`)));
    return {
      close: () => {
        ended = true;
        call.cancel();
      },
    };
  }

  /** Takes no new stages from now on. Waits up to `waitMs` for those that are there; returns how many are left. */
  async drain(waitMs: number, signal?: AbortSignal): Promise<number> {
    const { stagesLeft } = await this.#call(this.#stub.drain, {}, waitMs, signal);
    return stagesLeft;
  }

  close(): void {
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * A channel that could not connect refuses every call for up to a second (its backoff) without trying, also when the agent was started again
   * meanwhile: that is too old an answer for a call that begins now.
   */
  get #stub(): Stub {
    if (this.#channel.getChannel().getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE) {
      this.#channel.close();
      this.#channel = stubOf(this.address);
    }
    return this.#channel;
  }

  get #peer(): string {
    return this.name === this.address ? `the agent at ${this.address}` : `${this.name} at ${this.address}`;
  }

  #call<Q, R>(method: UnaryMethod<Q, R>, request: Q, timeoutMs: number, signal: AbortSignal | undefined): Promise<R> {
    return callUnary(this.#stub, method, request, { peer: this.#peer, timeoutMs, signal });
  }
}

function stubOf(address: string): Stub {
  return new Stub(address, channelCredentials(), controlChannelOptions);
}

function routeToWire<R extends StageInputRoute | StageOutputRoute>(route: R) {
  return { ...route, tensors: [...route.tensors], turns: turnsToWire(route.turns) };
}
