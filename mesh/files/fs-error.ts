/** What a failed file operation means to a person: errno → MeshError. */
import { type ErrorCode, MeshError } from '../error.ts';

const meaning: Readonly<Record<string, readonly [ErrorCode, string, string?]>> = {
  ENOSPC: ['exhausted', 'the disk is full', 'free some space there and try again'],
  EDQUOT: ['exhausted', 'the disk quota is used up', 'free some space there and try again'],
  EFBIG: ['exhausted', 'the file is larger than this file system allows'],
  EMFILE: ['exhausted', 'too many files are open', 'raise the limit on open files (ulimit -n)'],
  ENFILE: ['exhausted', 'too many files are open on this machine'],
  EACCES: ['denied', 'permission denied', 'check who owns the file and its folder'],
  EPERM: ['denied', 'the operation is not permitted', 'check who owns the file and its folder'],
  EROFS: ['denied', 'the file system is read-only'],
  ENOENT: ['not-found', 'it does not exist'],
  ENOTDIR: ['invalid', 'a part of the path is no folder'],
  EISDIR: ['invalid', 'it is a folder, not a file'],
  ELOOP: ['denied', 'it is a symbolic link', 'symbolic links are not followed here; remove it'],
  ENAMETOOLONG: ['invalid', 'the path is too long'],
  EIO: ['failed', 'the disk reported an error', 'check the disk (dmesg)'],
};

/** `doing` completes "cannot …": "write the blob". A MeshError passes through. */
export function fsError(thrown: unknown, doing: string): MeshError {
  if (thrown instanceof MeshError) return thrown;
  const errno = (thrown as NodeJS.ErrnoException | undefined)?.code;
  const [code, why, hint] = meaning[errno ?? ''] ?? ['failed', MeshError.from(thrown).message];
  return new MeshError(code, `cannot ${doing}: ${why}`, hint === undefined ? { cause: thrown } : { hint, cause: thrown });
}
