/** From what a person calls a device to where it is: HOST:PORT as it is, a name through the mesh. */

import { splitAddress } from '../../mesh/address.ts';
import { MeshError } from '../../mesh/error.ts';
import { isName } from '../../mesh/name.ts';
import { discoverNamed } from './discover.ts';
import { joinMesh, type MeshChoice } from './mesh-choice.ts';

export interface ResolvedDevice {
  readonly name: string;
  readonly address: string;
}

/** Errors: `usage` when it is neither or no mesh is configured, `unreachable` when the device or the NATS server does not answer. */
export async function resolveDevice(device: string, choice: MeshChoice, signal: AbortSignal): Promise<ResolvedDevice> {
  if (device.includes(':')) {
    splitAddress(device);
    return { name: device, address: device };
  }
  if (!isName(device)) throw new MeshError('usage', `"${device}" is neither a device's name nor HOST:PORT`);
  let complaint: unknown;
  const { bus, subjects } = await joinMesh(choice, (error) => {
    complaint = error;
  });
  try {
    const [presence] = await discoverNamed({ bus, subjects, signal }, [device]);
    return { name: device, address: presence!.device.address };
  } catch (error) {
    // An answer that could not be read explains more than the silence that followed.
    throw complaint instanceof MeshError ? complaint : error;
  } finally {
    await bus.close();
  }
}
