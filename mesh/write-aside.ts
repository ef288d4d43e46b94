/** Files that appear under their name complete, or not at all; whoever writes the same one at the same time does no harm. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';

/** Gives `write` a name beside `path`, and the result the name `path` when it is complete; leaves nothing behind otherwise. */
export async function writeAside<T>(path: string, write: (aside: string) => Promise<T>): Promise<T> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    const result = await write(aside);
    await rename(aside, path);
    return result;
  } finally {
    await rm(aside, { force: true });
  }
}
