/**
 * The one file of a multipart/form-data body (RFC 7578), as a stream: bytes are passed on as they come, and only as many are held back as a boundary is long.
 *
 *     preamble  --boundary  headers, empty line, content  CRLF--boundary  headers …  CRLF--boundary--
 */
import { MeshError } from '../../../mesh/error.ts';

export type FormEvent =
  /** A part begins; `fileName` is undefined for a field that is no file. */
  { readonly kind: 'part'; readonly fileName: string | undefined } | { readonly kind: 'bytes'; readonly bytes: Buffer };

/** Of one part. */
const HEADER_BYTES_MAX = 4096;
const PARTS_MAX = 16;
/** RFC 2046, section 5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/** Error `invalid` when the body is none, or is cut off. */
export async function* readForm(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<FormEvent, void, undefined> {
  if (!BOUNDARY.test(boundary)) throw new MeshError('invalid', 'the boundary of the form is missing, or none that may be');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter may stand at the very beginning, where no line ends before it.
  let held = Buffer.from('\r\n');
  let within: 'content' | 'delimiter' | 'end' = 'content';
  let parts = 0;
  for await (const more of body) {
    if (within === 'end') continue;
    held = Buffer.concat([held, more]);
    for (let went = true; went; ) {
      went = false;
      if (within === 'content') {
        const at = held.indexOf(delimiter);
        const bytes = held.subarray(0, at < 0 ? Math.max(0, held.length - delimiter.length + 1) : at);
        if (parts > 0 && bytes.length > 0) yield { kind: 'bytes', bytes };
        held = held.subarray(bytes.length + (at < 0 ? 0 : delimiter.length));
        if (at >= 0) [within, went] = ['delimiter', true];
      } else if (held.length >= 2 && held.subarray(0, 2).toString('latin1') === '--') {
        within = 'end';
      } else {
        const end = held.indexOf('\r\n\r\n');
        if (end < 0 && held.length > HEADER_BYTES_MAX) throw new MeshError('invalid', 'a part of the form has endless headers');
        if (end >= 0) {
          if (++parts > PARTS_MAX) throw new MeshError('invalid', `the form has more than ${PARTS_MAX} parts`);
          yield { kind: 'part', fileName: fileNameOf(held.subarray(0, end).toString('utf8')) };
          held = held.subarray(end + 4);
          [within, went] = ['content', true];
        }
      }
    }
  }
  if (within !== 'end') throw new MeshError('invalid', 'the form is cut off: its last boundary is missing');
}

/** Browsers write quotes in it as %22. Only what stands behind the last slash is a name. */
function fileNameOf(headers: string): string | undefined {
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1];
  const name = /;\s*filename="((?:[^"\\]|\\.)*)"/i.exec(disposition ?? '')?.[1] ?? /;\s*filename=([^\s;"]+)/i.exec(disposition ?? '')?.[1];
  return name?.replaceAll('%22', '"').split(/[\\/]/).at(-1);
}
