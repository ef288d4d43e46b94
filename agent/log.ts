/**
 * Structured logs: one JSON object per line on stderr, written at once, so that the last words of a dying agent are not lost.
 */
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export function createLog(level: string, device: string): Logger {
  return pino(
    {
      level,
      base: { device },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ fd: 2, sync: true }),
  );
}
