/** Wraps a link: counts the frames that each route has brought and that were not consumed, which its window must bound; finds what comes too late. */
import type { Link, PullOpen } from '../../mesh/link/link.ts';

/** `held`: received and not consumed yet. */
export type OnHeld = (route: string, held: number, windowFrames: number) => void;

/** `onLate`: a frame came over a stream that its consumer had closed. */
export function countedLink(link: Link, onHeld: OnHeld, onLate: (route: string) => void): Link {
  return {
    pull: (address, open, handlers) => {
      let last: bigint | undefined;
      let received = 0;
      let consumed = 0;
      let closed = false;
      const stream = link.pull(address, open, {
        ...handlers,
        part: (part) => {
          if (closed) onLate(routeOf(open));
          if (part.frame !== last) {
            last = part.frame;
            received += 1;
            onHeld(routeOf(open), received - consumed, open.windowFrames);
          }
          handlers.part(part);
        },
      });
      return {
        progress: (progress) => {
          consumed = progress.consumedFrames;
          stream.progress(progress);
        },
        close: () => {
          closed = true;
          stream.close();
        },
      };
    },
  };
}

function routeOf({ producer, consumer, epoch }: PullOpen): string {
  return `${producer} → ${consumer} in epoch ${epoch}`;
}
