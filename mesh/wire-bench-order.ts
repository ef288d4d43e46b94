/**
 * Orders of benchmark runs: our types ↔ protobuf. Validated once, here: what an order says reaches control files of the kernel and the command line of a
 * program, so nothing unclear passes.
 */
import {
  type CommandWorkload as WireCommand,
  type InferenceWorkload as WireInference,
  type BenchLimits as WireLimits,
  BenchRequest as WireRequest,
  type ServerProgram as WireServer,
} from '../proto/gen/mesh/v1/bench.ts';
import {
  type BenchLimits,
  type BenchOrder,
  type CommandWorkload,
  checkEnvironmentName,
  checkProbeUrl,
  DEADLINE_MS_MAX,
  type InferenceWorkload,
  pageCaches,
  type ReadinessProbe,
  type ServerProgram,
  type Workload,
  whenBusies,
} from './bench/order.ts';
import { MeshError } from './error.ts';
import { checkFileName } from './files/file-name.ts';
import { blobFromWire, blobsFromWire, blobsToWire, blobToWire } from './files/wire.ts';
import { checkName } from './name.ts';
import { loadSettingsFromWire, loadSettingsToWire } from './wire-load.ts';
import { choiceFromWire, numberFromWire, optional, required } from './wire-number.ts';
import { sessionSettingsFromWire } from './wire-session.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';
import { backgroundLoadFromWire, timingFromWire, timingToWire } from './wire-timing.ts';
import { trainingFromWire, trainingToWire } from './wire-training.ts';

const WORDS_MAX = 1024;
/** All together; Linux takes a quarter of the limit of the stack, usually 2 MiB, and a single word of 128 KiB. */
const WORDS_BYTES_MAX = 2 ** 20;

export function benchOrderToWire(order: BenchOrder): WireRequest {
  const { run, workload, limits, enforce, pageCache, deadlineMs, whenBusy, besideStages, backgroundLoad } = order;
  return WireRequest.fromPartial({
    run,
    workload: workloadToWire(workload),
    limits: limitsToWire(limits),
    unlimited: !enforce,
    pageCache,
    deadlineMs: BigInt(Math.round(deadlineMs)),
    whenBusy,
    besideStages,
    backgroundLoad,
  });
}

/** Error `invalid` names the field that makes no sense. */
export function benchOrderFromWire(wire: WireRequest): BenchOrder {
  const limits = limitsFromWire(wire.limits);
  if (wire.unlimited && Object.keys(limits).length > 0) throw new MeshError('invalid', 'limits that are not to be enforced: expected none');
  const deadlineMs = numberFromWire(wire.deadlineMs, 'deadline_ms');
  if (deadlineMs < 1 || deadlineMs > DEADLINE_MS_MAX)
    throw new MeshError('invalid', `deadline_ms is ${deadlineMs}: expected 1 to ${DEADLINE_MS_MAX} (24 days)`);
  return {
    run: checkName(wire.run, 'run'),
    workload: workloadFromWire(wire.workload),
    limits,
    enforce: !wire.unlimited,
    pageCache: choiceFromWire(wire.pageCache, pageCaches, 'page_cache'),
    deadlineMs,
    whenBusy: choiceFromWire(wire.whenBusy, whenBusies, 'when_busy'),
    besideStages: wire.besideStages,
    ...optional('backgroundLoad', backgroundLoadFromWire(wire.backgroundLoad)),
  };
}

export function limitsToWire({ memoryLimitBytes, memoryHighBytes, swapBytes, ...rest }: BenchLimits): WireLimits {
  return {
    cpuQuotaCores: undefined,
    cpus: undefined,
    pids: undefined,
    ...rest,
    memoryLimitBytes: big(memoryLimitBytes),
    memoryHighBytes: big(memoryHighBytes),
    swapBytes: big(swapBytes),
  };
}

/** Error `invalid` for a limit that is none. Whether the kernel can enforce it is another question. */
export function limitsFromWire(wire: WireLimits | undefined): BenchLimits {
  if (wire === undefined) return {};
  const { cpuQuotaCores, cpus, pids } = wire;
  if (cpuQuotaCores !== undefined && !(cpuQuotaCores > 0 && Number.isFinite(cpuQuotaCores)))
    throw new MeshError('invalid', `cpu_quota_cores is ${cpuQuotaCores}: expected more than 0`);
  if (cpus !== undefined && !/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(cpus))
    throw new MeshError('invalid', `"${cpus.slice(0, 80)}" is no list of CPUs: expected for example 0-1,3`);
  if (pids === 0) throw new MeshError('invalid', 'pids is 0: expected at least 1');
  const limits = {
    ...optional('cpuQuotaCores', cpuQuotaCores),
    ...optional('memoryLimitBytes', bytes(wire.memoryLimitBytes, 'memory_limit_bytes')),
    ...optional('memoryHighBytes', bytes(wire.memoryHighBytes, 'memory_high_bytes')),
    ...optional('swapBytes', wire.swapBytes === undefined ? undefined : numberFromWire(wire.swapBytes, 'swap_bytes')),
    ...optional('cpus', cpus),
    ...optional('pids', pids),
  };
  if (limits.swapBytes !== undefined && limits.memoryLimitBytes === undefined)
    throw new MeshError('invalid', 'swap_bytes without memory_limit_bytes: swap is limited only together with memory');
  return limits;
}

function workloadFromWire(wire: WireRequest['workload']): Workload {
  if (wire === undefined) throw new MeshError('invalid', 'the order has no workload');
  switch (wire.$case) {
    case 'inference':
      return inferenceFromWire(wire.value);
    case 'training':
      return trainingFromWire(wire.value);
    case 'timing':
      return timingFromWire(wire.value);
    case 'command':
      return commandFromWire(wire.value);
  }
}

function workloadToWire(workload: Workload): WireRequest['workload'] {
  switch (workload.kind) {
    case 'inference':
      return { $case: 'inference', value: inferenceToWire(workload) };
    case 'training':
      return { $case: 'training', value: trainingToWire(workload) };
    case 'timing':
      return { $case: 'timing', value: timingToWire(workload) };
    case 'command': {
      const { argv, env, files, server } = workload;
      return {
        $case: 'command',
        value: { argv: [...argv], env: { ...env }, files: blobsToWire(files), server: server && serverToWire(server) },
      };
    }
  }
}

function inferenceToWire(workload: InferenceWorkload): WireInference {
  const { model, externalData, inputs, outputs, session, load, findPeak, seed } = workload;
  return {
    model: blobToWire(model),
    externalData: blobsToWire(externalData),
    inputs: inputs.map(tensorSpecToWire),
    outputs: [...outputs],
    session: { ...session },
    load: loadSettingsToWire(load),
    findPeak,
    seed,
  };
}

function inferenceFromWire(wire: WireInference): InferenceWorkload {
  if (wire.inputs.length === 0 || wire.outputs.length === 0)
    throw new MeshError('invalid', 'a model needs at least one input and one output');
  const load = loadSettingsFromWire(wire.load);
  if (wire.findPeak && load.scenario.kind !== 'server')
    throw new MeshError('invalid', `find_peak makes no sense in scenario ${load.scenario.kind}`);
  return {
    kind: 'inference',
    model: blobFromWire(wire.model),
    externalData: blobsFromWire(wire.externalData),
    inputs: wire.inputs.map(tensorSpecFromWire),
    outputs: wire.outputs,
    session: sessionSettingsFromWire(required(wire.session, 'session')),
    load,
    findPeak: wire.findPeak,
    seed: wire.seed,
  };
}

function commandFromWire({ argv, env, files, server }: WireCommand): CommandWorkload {
  checkWords([...argv, ...Object.entries(env).flat()], argv);
  for (const name of Object.keys(env)) checkEnvironmentName(name);
  for (const name of Object.keys(files)) checkFileName(name);
  return { kind: 'command', argv, env, files: blobsFromWire(files), ...optional('server', serverFromWire(server)) };
}

function serverToWire({ argv, probe, readyMsMax }: ServerProgram): WireServer {
  return { argv: [...argv], probe: probeToWire(probe), readyMsMax: BigInt(Math.round(readyMsMax)) };
}

function probeToWire(probe: ReadinessProbe): WireServer['probe'] {
  switch (probe.kind) {
    case 'http':
      return { $case: 'httpUrl', value: probe.url };
    case 'tcp':
      return { $case: 'tcpPort', value: probe.port };
    case 'command':
      return { $case: 'command', value: { argv: [...probe.argv] } };
  }
}

function serverFromWire(wire: WireServer | undefined): ServerProgram | undefined {
  if (wire === undefined) return undefined;
  const { argv } = wire;
  checkWords(argv, argv);
  const readyMsMax = numberFromWire(wire.readyMsMax, 'ready_ms_max');
  if (readyMsMax < 1 || readyMsMax > DEADLINE_MS_MAX) throw new MeshError('invalid', `ready_ms_max is ${readyMsMax}: expected at least 1`);
  return { argv, probe: probeFromWire(wire.probe), readyMsMax };
}

function probeFromWire(wire: WireServer['probe']): ReadinessProbe {
  if (wire === undefined) throw new MeshError('invalid', 'a server needs a probe that tells when it is ready');
  switch (wire.$case) {
    case 'httpUrl':
      return { kind: 'http', url: checkProbeUrl(wire.value) };
    case 'tcpPort':
      if (wire.value < 1 || wire.value > 65_535) throw new MeshError('invalid', `tcp_port is ${wire.value}: expected 1 to 65535`);
      return { kind: 'tcp', port: wire.value };
    case 'command':
      checkWords(wire.value.argv, wire.value.argv);
      return { kind: 'command', argv: wire.value.argv };
  }
}

/** Error `invalid` for words that no kernel takes, and for no program. */
function checkWords(words: readonly string[], argv: readonly string[]): void {
  if (argv.length === 0 || argv[0] === '') throw new MeshError('invalid', 'a command needs a program');
  const bytes = words.reduce((sum, word) => sum + Buffer.byteLength(word), 0);
  if (words.length > WORDS_MAX || bytes > WORDS_BYTES_MAX || words.some((word) => word.includes('\0'))) {
    throw new MeshError(
      'invalid',
      `a command of at most ${WORDS_MAX} words of together ${WORDS_BYTES_MAX} bytes, without NUL, was expected; this has ${words.length} of ${bytes}`,
    );
  }
}

function bytes(value: bigint | undefined, what: string): number | undefined {
  if (value === 0n) throw new MeshError('invalid', `${what} is 0: expected more`);
  return value === undefined ? undefined : numberFromWire(value, what);
}

function big(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(Math.round(value));
}
