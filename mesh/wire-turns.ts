/** Turns: ours ↔ protobuf. A message without them means every frame. */
import type { Turns as WireTurns } from '../proto/gen/mesh/v1/types.ts';
import { checkTurns, type Turns } from './turns.ts';

export function turnsToWire(turns: Turns | undefined): WireTurns | undefined {
  return turns && { of: turns.of, at: [...turns.at] };
}

/** As a property, which is there when the turns are. Error `invalid` when they make no sense; `what` says whose they are. */
export function turnsFromWire(wire: WireTurns | undefined, what: string): { readonly turns?: Turns } {
  return wire === undefined ? {} : { turns: checkTurns({ of: wire.of, at: wire.at }, what) };
}
