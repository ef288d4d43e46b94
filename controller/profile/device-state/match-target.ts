/**
 * Which target has the metrics of a device. Device and metrics may come from one process (an agent), or from two that only share a machine (characterization
 * agent and Node Exporter). The first rule that finds something decides; a place in a list never does.
 *
 *     same instance  ▷  instance is the device's name  ▷  label node is  ▷  host of the instance is  ▷  same host  ▷  host name says so
 */
import { MeshError } from '../../../mesh/error.ts';

export interface Target {
  readonly instance: string;
  /** The label `node`, where somebody has added it. */
  readonly node: string | undefined;
  /** From node_uname_info. */
  readonly hostName: string | undefined;
}

export interface NamedDevice {
  readonly name: string;
  /** Where its description comes from. */
  readonly instance: string;
}

type Rule = (target: Target, device: NamedDevice) => boolean;

const rules: readonly Rule[] = [
  ({ instance }, device) => instance === device.instance,
  ({ instance }, device) => instance === device.name,
  ({ node }, device) => node === device.name,
  ({ instance }, device) => hostOf(instance) === device.name,
  ({ instance }, device) => hostOf(instance) === hostOf(device.instance),
  ({ hostName }, device) => hostName === device.name,
];

/** Undefined: none. Error `conflict` when several fit equally well: a choice would be a guess. */
export function matchTarget<T extends Target>(device: NamedDevice, targets: readonly T[]): T | undefined {
  for (const rule of rules) {
    const found = targets.filter((target) => rule(target, device));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      throw new MeshError('conflict', `several targets could be this device: ${found.map(({ instance }) => instance).join(', ')}`, {
        hint: 'give its targets the label node, or the device name as instance',
      });
    }
  }
  return undefined;
}

/** Without the port. */
export function hostOf(instance: string): string {
  return instance.replace(/:\d+$/, '');
}
