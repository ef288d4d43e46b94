/**
 * An agent inside the test's process, on a free port, whose stages run test/fixtures/stage-program.ts; and a client to talk to it.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CallOptions, Metadata, type ServiceError } from '@grpc/grpc-js';
import { pino } from 'pino';
import { type Daemon, type DaemonOptions, startDaemon } from '../../agent/daemon.ts';
import { clockOf } from '../../mesh/clock.ts';
import { channelCredentials } from '../../mesh/grpc/credentials.ts';
import { AgentClient, LoadRequest, type StageEvent } from '../../proto/gen/mesh/v1/agent.ts';
import type { Scope } from '../helpers/scope.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

export interface DaemonHarness {
  readonly daemon: Daemon;
  readonly folder: string;
  readonly client: AgentClient;
  /** A request to load a script as stage `a` of run `r`. */
  request(script: string, changes?: Partial<LoadRequest>): Promise<LoadRequest>;
}

export async function startTestDaemon(t: Scope, changes: Partial<DaemonOptions> = {}): Promise<DaemonHarness> {
  const folder = await tempFolder(t);
  const daemon = await startDaemon({
    name: 'dev',
    mesh: 'lab',
    listen: '127.0.0.1:0',
    insecure: false,
    advertisedHost: '127.0.0.1',
    dataFolder: folder,
    hardware: { arch: 'x64', os: 'test', cores: 4, memoryBytes: 2 ** 32, diskBytes: 2 ** 33, virtualMachine: false },
    limits: {},
    group: undefined,
    bus: undefined,
    softwareVersion: '0.1.0',
    nodeVersion: '24.0.0',
    runtimeVersion: '1.30.0',
    stageProgram: fileURLToPath(new URL('../fixtures/stage-program.ts', import.meta.url)),
    node: process.execPath,
    stageEnv: { PATH: process.env.PATH ?? '' },
    benchProgram: fileURLToPath(new URL('../../agent/stage/bench/main.ts', import.meta.url)),
    loadProgram: fileURLToPath(new URL('../../agent/bench/load/main.ts', import.meta.url)),
    runtimeFiles: [],
    allowCommands: false,
    runs: undefined,
    readLoad: () => ({}),
    clock: clockOf(() => performance.now()),
    wallClock: () => Date.now(),
    log: pino({ level: 'silent' }),
    ...changes,
  });
  const client = new AgentClient(daemon.address, channelCredentials());
  t.teardown(async () => {
    client.close();
    await daemon.stop(0);
  });
  return { daemon, folder, client, request: (script, more = {}) => loadRequest(folder, script, more) };
}

/** Puts a blob where the agent's store keeps it. */
export async function storeBlob(dataFolder: string, sha256: Buffer, content: string | Uint8Array): Promise<void> {
  const hex = sha256.toString('hex');
  await mkdir(join(dataFolder, 'blobs', hex.slice(0, 2)), { recursive: true });
  await writeFile(join(dataFolder, 'blobs', hex.slice(0, 2), hex), content);
}

async function loadRequest(folder: string, script: string, changes: Partial<LoadRequest>): Promise<LoadRequest> {
  const sha256 = createHash('sha256').update(script).digest();
  await storeBlob(folder, sha256, script);
  const request = LoadRequest.fromPartial({
    key: { run: 'r', stage: 'a', epoch: 1n },
    model: { sha256, bytes: BigInt(script.length) },
    inputs: [{ name: 'x', dtype: 1, dims: [1n, -1n] }],
    outputs: ['y'],
    session: { intraOpThreads: 0, spinning: false, graphOptimization: 'all' },
    leaseMs: 10_000,
    fresh: false,
    windowFrames: 2,
    windowBytes: 1024n,
    routes: [{ to: 'sink', tensors: ['y'], codecs: ['none'] }],
  });
  return { ...request, ...changes };
}

type Unary<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, reply: R) => void,
) => unknown;

/** A unary method of a client as an async function with a deadline. */
export function call<Q, R>(client: AgentClient, method: Unary<Q, R>): (request: Q, timeoutMs?: number) => Promise<R> {
  return (request, timeoutMs = 20_000) =>
    new Promise((resolve, reject) => {
      method.call(client, request, new Metadata(), { deadline: Date.now() + timeoutMs }, (error, reply) => {
        if (error === null) resolve(reply);
        else reject(error);
      });
    });
}

/** Collects the events of a run. */
export class Watched {
  /** As they were entered. */
  readonly states: number[] = [];
  /** What running stages said of themselves in between. */
  readonly progress: StageEvent[] = [];
  readonly ended: Promise<ServiceError | undefined>;
  readonly #call: ReturnType<AgentClient['watch']>;
  #waiting: (() => void) | undefined;

  constructor(client: AgentClient, run: string) {
    this.#call = client.watch({ run });
    this.#call.on('data', (event: StageEvent) => {
      if (event.progress === undefined) this.states.push(event.state);
      else this.progress.push(event);
      this.#waiting?.();
    });
    this.ended = new Promise((resolve) => {
      this.#call.on('error', resolve);
      this.#call.on('end', () => resolve(undefined));
    });
  }

  async until(state: number): Promise<void> {
    while (!this.states.includes(state)) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  cancel(): void {
    this.#call.cancel();
  }
}
