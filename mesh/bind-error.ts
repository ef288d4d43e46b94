/**
 * Why a server can't listen, as a person can do something about it. Whatever listens says it in the same words.
 */
import { MeshError } from './error.ts';

/** `option` is what the address was given with, for example `--listen HOST:PORT`. Codes: `conflict`, `denied`, `usage`. */
export function bindError(address: string, option: string, error: unknown): MeshError {
  const { message } = error as Error;
  if (message.includes('EADDRINUSE')) {
    return new MeshError('conflict', `can't listen on ${address}: the port is in use`, {
      hint: `stop the program that uses it, or choose another port with ${option} (port 0 takes any free one)`,
      cause: error,
    });
  }
  if (message.includes('EACCES')) {
    return new MeshError('denied', `can't listen on ${address}: no permission`, { hint: 'ports below 1024 are for root', cause: error });
  }
  return new MeshError('usage', `can't listen on ${address}: ${message}`, {
    hint: 'expected an address of this machine, for example 127.0.0.1:7070',
    cause: error,
  });
}
