/**
 * What grpc-js takes for a serialized message, without the copies and the garbage of a real one.
 *
 *     ┌ grpc frame, 5 ┬ fields 1–4 ┬ tag and length of 15 ┬ payload, up to 1 MiB ┐
 *     └───────────────┴─── head ───┴──────────────────────┴─ copied once, by grpc-js into its frame
 *
 * Of the Buffer that a serializer returns grpc-js uses `byteLength` and `copy`, to write the message behind 5 bytes of its own; these two can be
 * answered from two pieces. The frame it makes is garbage once it is sent, and in a client some dozens of them make V8 collect everything: half
 * of the CPU of an upload. So its memory can be noted here and given back.
 */
export class Frame {
  #memory: ArrayBuffer | undefined;

  /** Notes the memory of a frame that nothing else lives in; Node's pool of small buffers is left alone. */
  note(target: Uint8Array): void {
    const { buffer } = target;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === target.byteLength) this.#memory = buffer;
  }

  /**
   * Frees the frame; its bytes are gone at once. Only when the other end has said that it has them: that grpc-js called back after a write
   * says nothing about whether it was sent. Idempotent.
   */
  free(): void {
    this.#memory?.transfer(0);
    this.#memory = undefined;
  }
}

export class FrameBytes {
  readonly byteLength: number;
  readonly #head: Uint8Array;
  readonly #payload: Uint8Array;
  readonly #frame: Frame | undefined;

  constructor(head: Uint8Array, { payload, frame }: { readonly payload: Uint8Array; readonly frame?: Frame }) {
    this.#head = head;
    this.#payload = payload;
    this.#frame = frame;
    this.byteLength = head.byteLength + payload.byteLength;
  }

  get length(): number {
    return this.byteLength;
  }

  copy(target: Uint8Array, at = 0): number {
    this.#frame?.note(target);
    target.set(this.#head, at);
    target.set(this.#payload, at + this.#head.byteLength);
    return this.byteLength;
  }
}
