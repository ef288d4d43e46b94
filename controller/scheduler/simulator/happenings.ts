/**
 * What befalls a mesh at a given time. A loss ends the run, as the runtime of today does it: it is noticed a little later, and frames that have
 * not arrived by then are lost. A pause holds frames until it is over.
 */

export type Happening =
  | { readonly kind: 'device-lost'; readonly atMs: number; readonly device: string; readonly noticedMs?: number }
  | { readonly kind: 'link-lost'; readonly atMs: number; readonly from: string; readonly to: string; readonly noticedMs?: number }
  | { readonly kind: 'device-paused'; readonly atMs: number; readonly device: string; readonly untilMs: number }
  | { readonly kind: 'link-paused'; readonly atMs: number; readonly from: string; readonly to: string; readonly untilMs: number }
  | { readonly kind: 'bandwidth'; readonly atMs: number; readonly medium: string; readonly bytesPerS: number };

/** How long it takes until the run knows, when `noticedMs` does not say: the keepalive of its streams. */
export const NOTICED_MS = 1500;

export type Loss = Extract<Happening, { kind: 'device-lost' | 'link-lost' }>;
