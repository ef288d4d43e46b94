/** How a simulated run ended. */
import type { MeshError } from '../../mesh/error.ts';

export type Ended =
  /** `epochs`: of the process that ended it. */
  | { readonly kind: 'complete'; readonly epochs: number }
  | { readonly kind: 'failed'; readonly error: MeshError }
  /** Its controller died, and nobody goes on with it. */
  | { readonly kind: 'crashed' }
  | { readonly kind: 'endless' };
