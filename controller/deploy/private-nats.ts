/** A private nats-server: loopback, free port, temporary store. It can't be told to end with its parent, so a guard does that. */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
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
  // One that is started again must be found where it was.
  const port = await freePort();
  const child = new Child(
    guarded(root, {
      title: 'nats-server',
      program,
      argv: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store],
      env,
      readiness: (line) => (line.includes('Server is ready') ? `127.0.0.1:${port}` : undefined),
    }),
  );
  try {
    return { url: `nats://${await child.ready(START_TIMEOUT_MS)}`, child };
  } catch (error) {
    await child.stop(0);
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
