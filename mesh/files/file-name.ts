/**
 * What a file may be called on a device: a relative path of plain components, like `models/resnet18.onnx`.
 *
 * A name never becomes a path of the device's file system (the store files it under a digest), so this is not what keeps files inside the
 * data folder. It keeps names that a person can read, type and save under on any system.
 */
import { type ErrorCode, MeshError } from '../error.ts';

const NAME_BYTES_MAX = 1024;
const COMPONENT_BYTES_MAX = 255;
/** Control characters, line and paragraph separators, and marks that turn the direction of text around. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/**
 * Returns the name with its characters composed (NFC), so that one name typed on two systems is one name. An error of `code`
 * otherwise; `what` says of what.
 */
export function checkFileName(value: string, what = 'file name', code: ErrorCode = 'invalid'): string {
  const name = value.isWellFormed() ? value.normalize('NFC') : value;
  const problem = problemOf(name);
  if (problem === undefined) return name;
  throw new MeshError(code, `${JSON.stringify(value.slice(0, 80))} is not a ${what}: ${problem}`, {
    hint: 'a name is a relative path such as models/resnet18.onnx',
  });
}

/** A folder of names: a file name, with or without a slash at its end, or empty for all. Returned without the slash. */
export function checkFolderName(value: string, code: ErrorCode = 'invalid'): string {
  if (value === '' || value === '/') return '';
  return checkFileName(value.endsWith('/') ? value.slice(0, -1) : value, 'folder name', code);
}

/** Bytes of a name in UTF-8, and of its parts, are what file systems limit. */
function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (!name.isWellFormed()) return 'it holds half of a character';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `it is longer than ${NAME_BYTES_MAX} bytes`;
  if (unprintable.test(name)) return 'it holds a control character';
  if (name.includes('\\')) return 'it holds a backslash';
  if (name.startsWith('/')) return 'it is an absolute path';
  for (const component of name.split('/')) {
    if (component === '') return 'it has an empty part';
    if (component === '.' || component === '..') return `it has a part "${component}"`;
    if (component !== component.trim()) return 'a part of it begins or ends with a space';
    if (Buffer.byteLength(component) > COMPONENT_BYTES_MAX) return `a part of it is longer than ${COMPONENT_BYTES_MAX} bytes`;
  }
  return undefined;
}
