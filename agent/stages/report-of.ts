/**
 * What arrives from a stage process is checked before it is believed: a model that has taken its process over must not confuse the agent.
 */
import type { Report } from '../stage/protocol.ts';

/** The report, or undefined when the message is none. */
export function reportOf(message: unknown): Report | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const report = message as Record<string, unknown>;
  switch (report.kind) {
    case 'ready':
      return isPort(report.port) && isAmount(report.loadMs) && isAmount(report.warmupMs) ? (message as Report) : undefined;
    case 'progress':
    case 'retired':
      return Number.isSafeInteger(report.frames) && isAmount(report.frames) ? (message as Report) : undefined;
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

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
