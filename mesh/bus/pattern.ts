/**
 * Subjects are tokens joined by dots; a pattern may hold `*` (one token) and end in `>` (one or more). The checks that both bus
 * implementations share live here, so that a mistake is refused the same way by both.
 */
import { MeshError } from '../error.ts';
import { PAYLOAD_BYTES_MAX } from './bus.ts';

/** Printable ASCII without the space: what every broker accepts in a token. */
const token = /^[!-~]+$/;

/** Error `invalid` when the subject can't be published to, or the payload is too large. */
export function checkMessage(subject: string, payload: Uint8Array): void {
  const tokens = subject.split('.');
  if (!tokens.every((part) => token.test(part) && part !== '*' && part !== '>')) {
    throw new MeshError('invalid', `"${subject}" is not a subject: expected tokens joined by dots, without wildcards or spaces`);
  }
  if (payload.length > PAYLOAD_BYTES_MAX) {
    throw new MeshError('invalid', `a message of ${payload.length} bytes is too large for the bus: at most ${PAYLOAD_BYTES_MAX}`);
  }
}

/** Error `invalid` when the pattern can't be subscribed to. */
export function checkPattern(pattern: string): void {
  const tokens = pattern.split('.');
  if (!tokens.every((part, index) => token.test(part) && (part !== '>' || index === tokens.length - 1))) {
    throw new MeshError('invalid', `"${pattern}" is not a pattern: expected tokens joined by dots, * for one token, > only at the end`);
  }
}

export function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const found = subject.split('.');
  for (const [index, want] of wanted.entries()) {
    const have = found[index];
    if (have === undefined) return false;
    if (want === '>') return true;
    if (want !== '*' && want !== have) return false;
  }
  return wanted.length === found.length;
}
