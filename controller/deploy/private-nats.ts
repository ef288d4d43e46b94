/**
 * A private nats-server: loopback, free port, temporary store. It can't be told to end with its parent, so a small shell guards it:
 *
 *     controller ──stdin──▶ guard ──▶ nats-server        stdin closes (also when the controller is killed) ──▶ the server is
 *                                                        ended and the folder of the mesh removed
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { Child } from './child.ts';
import { findProgram } from './find-program.ts';

const START_TIMEOUT_MS = 10_000;

/**
 * $1 is the folder to remove, the rest is the server's command line. The reader is a built-in loop, so that no second process is left.
 * Agents that end at the same time may still be deleting files of their own there, hence the few attempts.
 */
const GUARD = `
root=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(while read -r _; do :; done <&3; kill "$server" 2>/dev/null) & reader=$!
wait "$server"; code=$?
kill "$reader" 2>/dev/null
tries=0
while [ -e "$root" ] && [ "$tries" -lt 50 ]; do
  rm -rf "$root" 2>/dev/null || sleep 0.1
  tries=$((tries + 1))
done
exit "$code"
`;

export interface PrivateNats {
  readonly url: string;
  readonly child: Child;
}

/** Error `not-found` with the install line when there is no nats-server. `root` is removed when the server ends. */
export async function startPrivateNats(root: string, env: Readonly<Record<string, string | undefined>>): Promise<PrivateNats> {
  const program = await findProgram('nats-server', env.PATH);
  if (program === undefined) {
    throw new MeshError('not-found', 'there is no nats-server on this machine; a private mesh needs one', {
      hint: 'apt install nats-server (as root), or use a mesh that is there: --nats URL',
    });
  }
  const store = join(root, 'nats');
  await mkdir(store, { recursive: true });
  let address: string | undefined;
  const child = new Child({
    title: 'nats-server',
    program: '/bin/sh',
    argv: ['-c', GUARD, 'guard', root, program, '-a', '127.0.0.1', '-p', '-1', '-js', '-sd', store],
    env,
    readiness: (line) => {
      address ??= /client connections on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      return line.includes('Server is ready') ? address : undefined;
    },
  });
  try {
    return { url: `nats://${await child.ready(START_TIMEOUT_MS)}`, child };
  } catch (error) {
    await child.stop(0);
    throw error;
  }
}
