/**
 * What arrives from a stage process is checked before it is believed: a model that has taken its process over must not confuse the agent.
 */
import { dtypes } from '../../mesh/tensor.ts';
import type { Report } from '../stage/protocol.ts';

/** The report, or undefined when the message is none. */
export function reportOf(message: unknown): Report | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const report = message as Record<string, unknown>;
  if (report.kind === 'ready') return isPort(report.port) && isSession(report) ? (message as Report) : undefined;
  if (report.kind === 'failed' && report.epoch === undefined) return isFailure(report) ? (message as Report) : undefined;
  return isEpoch(report.epoch) && isOfFlow(report) ? (message as Report) : undefined;
}

function isOfFlow(report: Record<string, unknown>): boolean {
  switch (report.kind) {
    case 'opened':
      return true;
    case 'progress':
      return isSize(report.frames) && isSize(report.held) && isSize(report.blocked);
    case 'retired':
      return isSize(report.frames);
    case 'measure':
      return report.batch instanceof Uint8Array;
    case 'failed':
      return isFailure(report);
    default:
      return false;
  }
}

function isFailure({ code, reason, lostPeer }: Record<string, unknown>): boolean {
  return typeof code === 'string' && typeof reason === 'string' && (lostPeer === undefined || typeof lostPeer === 'string');
}

function isEpoch(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 0n;
}

function isSession({ loadMs, warmupMs, outputs, kernels }: Record<string, unknown>): boolean {
  return isAmount(loadMs) && isAmount(warmupMs) && isListOf(outputs, isSpec) && isListOf(kernels, isKernel);
}

function isListOf(value: unknown, fits: (each: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null && fits(each));
}

function isSpec({ name, dtype, dims }: Record<string, unknown>): boolean {
  return typeof name === 'string' && Object.hasOwn(dtypes, String(dtype)) && Array.isArray(dims) && dims.every(isSize);
}

function isKernel({ name, operator, inputs, outputs }: Record<string, unknown>): boolean {
  const texts = [name, operator, ...[inputs, outputs].flatMap((list) => (Array.isArray(list) ? list : [undefined]))];
  return texts.every((text) => typeof text === 'string');
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && isAmount(value);
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
