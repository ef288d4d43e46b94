/** A private nats-server: loopback, free port, temporary store. It can't be told to end with its parent, so a guard does that. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { Child } from './child.ts';
import { findProgram } from './find-program.ts';
import { guarded } from './guarded.ts';

const START_TIMEOUT_MS = 10_000;

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
  const child = new Child(
    guarded(root, {
      title: 'nats-server',
      program,
      argv: ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', store],
      env,
      readiness: (line) => {
        address ??= /client connections on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
        return line.includes('Server is ready') ? address : undefined;
      },
    }),
  );
  try {
    return { url: `nats://${await child.ready(START_TIMEOUT_MS)}`, child };
  } catch (error) {
    await child.stop(0);
    throw error;
  }
}
