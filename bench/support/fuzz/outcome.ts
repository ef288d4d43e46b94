/**
 * What a decoder made of some bytes, so that two decoders can be compared: the decoded bytes, or why not.
 */
export type Outcome = Uint8Array | string;

/** Something that must never happen: what a fuzzer looks for. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export function accepted(outcome: Outcome): outcome is Uint8Array {
  return typeof outcome !== 'string';
}

/** Two builds of one decoder agree in everything. */
export function mustBeSame(one: Outcome, other: Outcome, what: string): void {
  if (accepted(one) && accepted(other)) mustBeSameBytes(one, other, what);
  else if (one !== other) throw new Finding(`${what}: ${describe(one)} and ${describe(other)}`);
}

/** Two decoders that are strict in different places agree on what both accept. */
export function mustAgree(one: Outcome, other: Outcome, what: string): void {
  if (accepted(one) && accepted(other)) mustBeSameBytes(one, other, what);
}

function mustBeSameBytes(one: Uint8Array, other: Uint8Array, what: string): void {
  if (Buffer.compare(one, other) === 0) return;
  const at = one.findIndex((byte, index) => byte !== other[index]);
  throw new Finding(`${what}: ${describe(one)} and ${describe(other)} differ at ${at}`);
}

function describe(outcome: Outcome): string {
  return accepted(outcome) ? `${outcome.length} bytes` : outcome;
}
