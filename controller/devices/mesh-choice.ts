/**
 * Which mesh a command means: `--nats URL` or NATS_URL, with `--mesh NAME` when several share a server. None of them: no mesh is configured.
 */

import { connectNats, type NatsBus } from '../../mesh/bus/nats.ts';
import { parseNatsUrl } from '../../mesh/bus/nats-url.ts';
import { type Subjects, subjectsOf } from '../../mesh/bus/subjects.ts';
import { MeshError } from '../../mesh/error.ts';
import { isName } from '../../mesh/name.ts';

const DEFAULT_MESH = 'default';
const URL_HINT = 'for example nats://192.168.1.10:4222';

export interface MeshChoice {
  /** Absent: no mesh is configured. */
  readonly nats?: string;
  readonly mesh: string;
}

/** Error `usage` for a name that can't be one, and for a URL that is none. */
export function chooseMesh(
  options: { readonly nats?: string | undefined; readonly mesh?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): MeshChoice {
  const mesh = options.mesh ?? DEFAULT_MESH;
  if (!isName(mesh)) throw new MeshError('usage', `--mesh: "${mesh}" is not a name`, { hint: 'letters, digits, - and _' });
  const nats = options.nats ?? env.NATS_URL;
  if (nats === undefined || nats === '') return { mesh };
  checkUrl(nats, options.nats === undefined ? 'NATS_URL' : '--nats');
  return { nats, mesh };
}

/** Now, and not when a model has been read and cut. */
function checkUrl(nats: string, where: string): void {
  try {
    parseNatsUrl(nats);
  } catch (error) {
    const { message, hint = URL_HINT } = MeshError.from(error);
    throw new MeshError('usage', `${where}: ${message}`, { hint, cause: error });
  }
}

/** Error `usage` when no mesh is configured, `unreachable` when its NATS server does not answer. */
export async function joinMesh(choice: MeshChoice, onError: (error: unknown) => void): Promise<{ bus: NatsBus; subjects: Subjects }> {
  if (choice.nats === undefined) {
    throw new MeshError('usage', 'no mesh is configured', {
      hint: 'name its NATS server with --nats URL or NATS_URL, for example nats://192.168.1.10:4222',
    });
  }
  const bus = await connectNats({ url: choice.nats, clientName: 'splitmesh controller', onError });
  return { bus, subjects: subjectsOf(choice.mesh) };
}
