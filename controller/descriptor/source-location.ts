/** Where a file of `[[data.sources]]` comes from, and where the program finds it. */
import { fileURLToPath } from 'node:url';
import { MeshError } from '../../mesh/error.ts';
import { checkHttpUrl } from './fields.ts';

export type SourceLocation =
  /** Absolute, or relative to the descriptor's folder. */
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'http'; readonly url: string };

/** Error `usage` for what is neither a path nor a URL that is known. */
export function locationOf(src: string): SourceLocation {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(src) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
      if (src.includes('\0')) throw new MeshError('usage', 'a path has no NUL characters');
      return { kind: 'file', path: src };
    case 'file':
      return { kind: 'file', path: pathOf(src) };
    case 'http':
    case 'https':
      checkHttpUrl(src);
      return { kind: 'http', url: src };
    default:
      throw new MeshError(
        'usage',
        `"${scheme}:" is not known here: expected a path, or a file:, http: or https: URL (for a file of that name write ./${src.slice(0, 40)})`,
      );
  }
}

/** The last part of it, undefined when there is none: a folder, a bare host. */
export function lastPart(location: SourceLocation): string | undefined {
  const path = location.kind === 'file' ? location.path : decoded(new URL(location.url).pathname);
  const part = path.slice(path.lastIndexOf('/') + 1);
  return part === '' || part === '.' || part === '..' ? undefined : part;
}

/** Error `usage` for a path that leads out of the folder it is relative to, or is written in a roundabout way. */
export function checkRelative(path: string): void {
  const parts = path.split('/');
  if (path.startsWith('/'))
    throw new MeshError('usage', `"${path.slice(0, 80)}" is absolute: expected a path in the program's working folder`);
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\0\\]/.test(path))
    throw new MeshError('usage', `"${path.slice(0, 80)}" is no plain path: expected names with / between them, without . and ..`);
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new MeshError('usage', `"${url.slice(0, 80)}" is no file: URL: expected for example file:///data/train.csv`, { cause: error });
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
