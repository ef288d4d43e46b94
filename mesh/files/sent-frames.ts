/** The frames of an upload that are on their way, oldest first: freed as the other end says how far it is. */
import { Frame } from './frame-bytes.ts';

export class SentFrames {
  #waiting: { readonly endOffset: number; readonly frame: Frame }[] = [];

  /** For the chunk that ends at this byte of the file. */
  next(endOffset: number): Frame {
    const frame = new Frame();
    this.#waiting.push({ endOffset, frame });
    return frame;
  }

  /** The other end has everything up to this byte. */
  received(offset: number): void {
    const count = this.#waiting.findIndex(({ endOffset }) => endOffset > offset);
    const arrived = this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
    for (const { frame } of arrived) frame.free();
  }
}
