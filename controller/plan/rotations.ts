/**
 * Who measures which segment: in each rotation the segments lie on the devices in turn, and no device holds much more than its part of the model.
 *
 *     rotation 0   a b c a b c          rotation 1   b c a b c a          …
 *
 * Devices of one class are as fast: a segment is measured on one of them. Rotations in which nothing new is measured are left out.
 */

/** Of each rotation: the device (by its place) of each segment. `isKnown`: whether a segment was measured on a class. */
export function rotations(
  segments: number,
  classes: readonly string[],
  isKnown: (segment: number, deviceClass: string) => boolean,
): readonly (readonly number[])[] {
  const open = new Set<string>();
  const key = (segment: number, deviceClass: string): string => `${segment} ${deviceClass}`;
  for (let segment = 0; segment < segments; segment += 1) {
    for (const deviceClass of classes) if (!isKnown(segment, deviceClass)) open.add(key(segment, deviceClass));
  }
  const chosen: number[][] = [];
  for (let shift = 0; shift < classes.length && open.size > 0; shift += 1) {
    const places = Array.from({ length: segments }, (_, segment) => (segment + shift) % classes.length);
    const added = places.map((device, segment) => key(segment, classes[device]!)).filter((each) => open.has(each));
    if (added.length === 0) continue;
    for (const each of added) open.delete(each);
    chosen.push(places);
  }
  return chosen;
}
