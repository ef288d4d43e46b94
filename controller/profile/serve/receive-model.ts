/** An ONNX file that is sent, put into a folder of its own: the body itself, or the one file of a form. */

import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { MeshError } from '../../../mesh/error.ts';
import { BoundedBody } from './body.ts';
import { type MediaType, parseMediaType } from './media-type.ts';
import { readForm } from './multipart.ts';
import { type Reply, refusal } from './reply.ts';

export interface ReceivedModel {
  readonly path: string;
  /** As its sender calls it, for the answer. */
  readonly name: string;
}

export interface ReceiveOptions {
  readonly folder: string;
  readonly bytesMax: number;
  /** Of the query: `?model=NAME`. */
  readonly name: string | undefined;
}

const FORM = 'multipart/form-data';
const FILE = 'application/octet-stream';
/** What a form adds to its file. */
const FORM_BYTES_MAX = 64 * 1024;
const NAME_MAX = 256;

/** Error when the client goes away meanwhile, or the disk is full. */
export async function receiveModel(request: IncomingMessage, { folder, bytesMax, name }: ReceiveOptions): Promise<ReceivedModel | Reply> {
  const media = parseMediaType(request.headers['content-type']);
  if (media.type !== FORM && media.type !== FILE) {
    return refusal(
      415,
      `the body is ${media.type === '' ? 'of no known type' : media.type.slice(0, 80)}; expected ${FILE} or ${FORM} with one file`,
    );
  }
  const form = media.type === FORM;
  const body = new BoundedBody(request, bytesMax + (form ? FORM_BYTES_MAX : 0));
  const path = join(folder, 'model.onnx');
  await using file = await open(path, 'wx');
  let sent: string | undefined;
  try {
    sent = form ? await writeForm(file, body, media) : await writeBody(file, body);
  } catch (error) {
    if (body.refusal !== undefined) return body.refusal;
    if (error instanceof MeshError) return refusal(400, error.message);
    throw error;
  }
  if (body.refusal !== undefined) return body.refusal;
  return { path, name: (name ?? sent ?? '').slice(0, NAME_MAX) || 'model' };
}

async function writeBody(file: FileHandle, body: BoundedBody): Promise<undefined> {
  for await (const bytes of body) await file.writeFile(bytes);
}

/** Resolves with the file's name. Error `invalid` for a form with no file, or several. */
async function writeForm(file: FileHandle, body: BoundedBody, { parameters }: MediaType): Promise<string> {
  let name: string | undefined;
  let inFile = false;
  for await (const event of readForm(body, parameters.get('boundary') ?? '')) {
    if (event.kind === 'part') {
      inFile = event.fileName !== undefined;
      if (inFile && name !== undefined) throw new MeshError('invalid', 'the form has several files; expected one');
      name ??= event.fileName;
    } else if (inFile) await file.writeFile(event.bytes);
  }
  if (name === undefined) throw new MeshError('invalid', 'the form has no file');
  return name;
}
