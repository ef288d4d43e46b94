/** Which stage goes to which device, when a person places them: in order, as `--on` or a plan file says, or one device each. */
import { MeshError } from '../../mesh/error.ts';

export interface Placing {
  /** What a plan file says of each stage; undefined where it says nothing. */
  readonly planned: readonly (string | undefined)[];
  /** `--on`; empty when not given. */
  readonly on: readonly string[];
}

/** Names that must be there. Error `usage` when `--on` names fewer or more devices than there are stages. */
export function namedDevices({ planned, on }: Placing): string[] {
  const stages = planned.length;
  if (on.length > 0 && on.length !== stages) {
    throw new MeshError(
      'usage',
      `--on names ${on.length} ${on.length === 1 ? 'device' : 'devices'} for ${stages} ${stages === 1 ? 'stage' : 'stages'}`,
      {
        hint: 'name one device per stage, in order, of a stage on several devices one for each; a device may be named several times',
      },
    );
  }
  const said = on.length > 0 ? on : planned.filter((device) => device !== undefined);
  return [...new Set(said)];
}

/** Whether some stage may go to any device. */
export function leavesOpen({ planned, on }: Placing): boolean {
  return on.length === 0 && planned.includes(undefined);
}

/** A device for each stage. `available`: names in the order they are used. Error `usage` when there are too few. */
export function placeStages({ planned, on }: Placing, available: readonly string[]): string[] {
  if (on.length > 0) return [...on];
  const taken = new Set(planned);
  const free = available.filter((name) => !taken.has(name));
  const open = planned.filter((device) => device === undefined).length;
  if (open > free.length) {
    throw new MeshError(
      'usage',
      `${open === 1 ? '1 stage needs a device' : `${open} stages need a device each`}, and ${free.length} ${free.length === 1 ? 'device is' : 'devices are'} free`,
      {
        hint: 'start more agents, or put several stages on one device with --on DEV,DEV,…',
      },
    );
  }
  return planned.map((device) => device ?? free.shift()!);
}

/** The devices that are kept ready: the first that nobody uses. Error `usage` when there are too few. */
export function spareDevices(wanted: number, available: readonly string[], used: readonly string[]): string[] {
  const free = available.filter((name) => !used.includes(name));
  if (free.length >= wanted) return free.slice(0, wanted);
  throw new MeshError(
    'usage',
    `--spares ${wanted}: ${free.length === 1 ? '1 device is' : `${free.length} devices are`} free beside those of the plan`,
    {
      hint: 'start more agents, or ask for fewer spares',
    },
  );
}
