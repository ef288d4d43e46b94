/** From what is written to what is meant: keys get their units, aliases their names, absent keys their defaults. Everything has been checked before. */
import type { BenchLimits, ServerProgram } from '../../mesh/bench/order.ts';
import type { AlertRule, DataSource, Descriptor, Hardware } from './descriptor.ts';
import { bytesOf, parsePercent } from './fields.ts';
import { architectures, type Shape, TAKE_PART } from './shape.ts';
import { lastPart, locationOf } from './source-location.ts';

export function buildDescriptor(written: Shape, taskName: string): Descriptor {
  const { info, env, ml, data, output, server, alerts } = written;
  return {
    taskName,
    description: info.description,
    labels: info.labels,
    hardware: hardwareOf(written.hardware),
    env: env.vars,
    workload:
      typeof ml.workload === 'string'
        ? { kind: 'model', model: ml.workload, options: ml.args }
        : { kind: 'program', argv: [...ml.workload, ...ml.args] },
    repeat: ml.repeat,
    timeoutMs: ml.timeout === undefined ? undefined : Math.ceil(ml.timeout * 1000),
    sources: data.sources.map(sourceOf),
    metrics: output.metrics.map(({ name, units, pattern, better }) => ({ name, units, pattern, better })),
    server: server === undefined ? undefined : serverOf(server),
    alerts: {
      changePoints: alerts.change_points,
      confirm: alerts.confirm,
      command: alerts.command,
      webhook: alerts.webhook,
      rules: alerts.rules.map(ruleOf),
    },
  };
}

function hardwareOf({ strategy, name, arch, memory, count, limits }: Shape['hardware']): Hardware {
  const others = strategy === 'mesh' ? undefined : strategy === 'distributed' ? TAKE_PART : 1;
  return {
    ...{ strategy, name },
    arch: arch === undefined ? undefined : architectures[arch],
    memoryBytesMin: memory === undefined ? undefined : bytesOf(memory),
    count: count ?? others,
    limits: limitsOf(limits),
  };
}

function limitsOf({ memory, memory_high, swap, cpu, cpus, pids }: Shape['hardware']['limits']): BenchLimits {
  return {
    ...(memory === undefined ? {} : { memoryLimitBytes: bytesOf(memory) }),
    ...(memory_high === undefined ? {} : { memoryHighBytes: bytesOf(memory_high) }),
    ...(swap === undefined ? {} : { swapBytes: bytesOf(swap) }),
    ...(cpu === undefined ? {} : { cpuQuotaCores: cpu }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids === undefined ? {} : { pids }),
  };
}

function sourceOf({ src, path, sha256, md5 }: Shape['data']['sources'][number]): DataSource {
  const from = locationOf(src);
  const hex = sha256 ?? md5;
  return {
    from,
    path: path ?? lastPart(from)!,
    digest: hex === undefined ? undefined : { algorithm: sha256 === undefined ? 'md5' : 'sha256', hex: hex.toLowerCase() },
  };
}

function serverOf({ start, probe, timeout }: NonNullable<Shape['server']>): ServerProgram {
  const { http, tcp, command } = probe;
  return {
    argv: start,
    probe:
      http !== undefined
        ? { kind: 'http', url: http }
        : tcp !== undefined
          ? { kind: 'tcp', port: tcp }
          : { kind: 'command', argv: command! },
    readyMsMax: Math.ceil(timeout * 1000),
  };
}

function ruleOf({ metric, above, below, k_sigma, relative_change, direction }: Shape['alerts']['rules'][number]): AlertRule {
  return {
    ...{ metric, above, below, kSigma: k_sigma, direction },
    relativeChange: typeof relative_change === 'string' ? parsePercent(relative_change) : relative_change,
  };
}
