/**
 * Some tests need what not every machine gives. They say so, and are skipped with the reason in their title:
 *
 *     needs(test, networkMissing())('a slow link …', async (t) => …)
 */
import type { ExecutionContext } from 'ava';

type Declare = (title: string, body: (t: ExecutionContext) => void | Promise<void>) => void;

/** ava's `test` (or `test.serial`), or its `skip` with the reason added to the title. `missing` undefined: nothing is missing. */
export function needs(test: Declare & { readonly skip: Declare }, missing: string | undefined): Declare {
  if (missing === undefined) return test;
  return (title, body) => test.skip(`${title} (${missing})`, body);
}

export const isRoot = process.getuid?.() === 0;
