/**
 * What arrives from a stage process is checked before it is believed: a model that has taken its process over must not confuse the agent.
 */
import { dtypes } from '../../mesh/tensor.ts';
import type { Report } from '../stage/protocol.ts';

/** The report, or undefined when the message is none. */
export function reportOf(message: unknown): Report | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const report = message as Record<string, unknown>;
  switch (report.kind) {
    case 'ready':
      return isPort(report.port) && isSession(report) ? (message as Report) : undefined;
    case 'progress':
    case 'retired':
      return isSize(report.frames) ? (message as Report) : undefined;
    case 'measure':
      return report.batch instanceof Uint8Array ? (message as Report) : undefined;
    case 'failed': {
      const { code, reason, lostPeer } = report;
      const plain = typeof code === 'string' && typeof reason === 'string' && (lostPeer === undefined || typeof lostPeer === 'string');
      return plain ? (message as Report) : undefined;
    }
    default:
      return undefined;
  }
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
