import { createHash } from 'node:crypto';
import test from 'ava';
import type { MeshError } from '../../../mesh/error.ts';
import { LocalAppender } from '../../../mesh/files/appender.ts';

test('a disk that fills up in the middle of a piece is reported once, also when nobody waits for it', async (t) => {
  const room = 10;
  let used = 0;
  const failures: MeshError[] = [];
  const appender = new LocalAppender({
    offset: 0,
    hash: createHash('sha256'),
    write: (buffers) => {
      const taken = Math.min(room - used, buffers[0]!.byteLength);
      if (taken === 0) return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
      used += taken;
      return Promise.resolve(taken);
    },
    sync: () => Promise.resolve(),
    onFailed: (failure) => failures.push(failure),
  });
  t.is(appender.append(new Uint8Array(room + 1)), undefined, 'there is nothing to wait for');
  t.is((await appender.stop())?.code, 'exhausted');
  t.throws(() => appender.append(new Uint8Array(1)), { code: 'exhausted' });
  t.deepEqual(
    failures.map(({ code }) => code),
    ['exhausted'],
  );
});
