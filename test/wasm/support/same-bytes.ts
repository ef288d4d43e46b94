/**
 * Compares bytes and says where they differ, instead of printing both.
 */
import type { ExecutionContext } from 'ava';

export function sameBytes(t: ExecutionContext, found: Uint8Array, expected: Uint8Array, what = 'bytes'): void {
  if (Buffer.compare(found, expected) === 0) {
    t.pass();
    return;
  }
  const at = expected.findIndex((byte, index) => byte !== found[index]);
  const where = at < 0 ? 'only in length' : `at ${at}: ${found[at]} instead of ${expected[at]}`;
  t.fail(`${what}: ${found.length} bytes, expected ${expected.length}; they differ ${where}`);
}
