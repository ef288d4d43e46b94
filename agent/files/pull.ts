/**
 * Brings a blob here from whoever holds it: the sources are tried in order, and the next continues where the one before stopped.
 *
 *     source 1 ──bytes──▶ │ breaks off
 *     source 2            │──bytes──▶ complete, but not what it should be: thrown away
 *     source 3 ──bytes─────────────────────────▶ complete and right
 */
import { MeshError } from '../../mesh/error.ts';
import { formatBlob, hexOf } from '../../mesh/files/blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { getFile } from '../../mesh/files/get-file.ts';
import type { Incoming } from './incoming.ts';

export interface PullOptions {
  /** `host:port` of holders, in the order in which they are tried. */
  readonly sources: readonly string[];
  readonly signal?: AbortSignal;
  readonly idleMs?: number;
  /** Called with each source before it is tried. */
  readonly onSource?: (source: string) => void;
}

/**
 * Fills and commits `incoming`; returns the source that completed it. Errors: `unreachable` when no source could be reached; the error of the
 * last one when it was only one, else what each said; at once what went wrong here (no room, interrupted).
 */
export async function pullBlob(incoming: Incoming, options: PullOptions): Promise<string> {
  const failures: { source: string; error: MeshError }[] = [];
  for (const source of options.sources) {
    options.onSource?.(source);
    try {
      await pullFrom(source, incoming, options);
      return source;
    } catch (error) {
      const failure = MeshError.from(error);
      if (options.signal?.aborted === true || !isTheirFault(failure)) throw failure;
      failures.push({ source, error: failure });
    }
  }
  throw allFailed(incoming, failures);
}

async function pullFrom(source: string, incoming: Incoming, options: PullOptions): Promise<void> {
  const { sha256, bytes } = incoming.blob;
  const peer = new FilesPeer(source);
  const from = incoming.offset;
  try {
    await getFile(peer, { sha256 }, (chunk) => incoming.append(chunk), {
      from,
      signal: options.signal,
      idleMs: options.idleMs,
      onEntry: ({ blob }) => {
        if (blob.bytes !== bytes) throw new MeshError('invalid', `${source} has ${blob.bytes} bytes for ${formatBlob(incoming.blob)}`);
      },
    });
  } finally {
    peer.close();
  }
  try {
    await incoming.commit();
  } catch (error) {
    if (!isDamage(error)) throw error;
    await incoming.restart();
    throw error;
  }
}

/** The content was not the blob: the next source starts from nothing. */
function isDamage(error: unknown): boolean {
  return error instanceof MeshError && error.code === 'invalid';
}

/** A full disk or a denied file is ours, and another source would not help. */
function isTheirFault(error: MeshError): boolean {
  return error.code !== 'exhausted' && error.code !== 'denied';
}

function allFailed({ blob }: Incoming, failures: readonly { source: string; error: MeshError }[]): MeshError {
  const [first] = failures;
  if (first === undefined) return new MeshError('not-found', `${formatBlob(blob)} is not here, and no source was named`);
  const code = failures.every(({ error }) => error.code === first.error.code) ? first.error.code : 'failed';
  const said = failures.map(({ source, error }) => `${source}: ${error.message}`).join('; ');
  return new MeshError(code, `blob ${hexOf(blob.sha256).slice(0, 12)}… could not be fetched: ${said}`, {
    hint: 'check that this device can reach the address of who holds it',
    cause: first.error,
  });
}
