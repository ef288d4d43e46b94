/**
 * The texts of a workbook (ECMA-376 part 1, 18.4), each once; cells have their numbers.
 *
 *     "pi1" ─▶ 0   "a & b" ─▶ 1   "pi1" ─▶ 0            <si><t>pi1</t></si><si><t>a &amp; b</t></si>
 *
 * A cell has up to 32,767 characters; a longer text is cut, and says so at its end. What XML can't have is written as _xHHHH_, which spreadsheets read
 * as the character (22.9.2.19), and other readers as these letters.
 */

const LENGTH_MAX = 32_767;
const CHUNK_TEXTS = 4096;

export class SharedTexts {
  readonly #indexes = new Map<string, number>();

  indexOf(text: string): number {
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    this.#indexes.set(text, this.#indexes.size);
    return this.#indexes.size - 1;
  }

  *xml(): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    const count = this.#indexes.size;
    yield encoder.encode(
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
        `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="${count}">`,
    );
    let xml = '';
    let texts = 0;
    for (const text of this.#indexes.keys()) {
      xml += `<si><t xml:space="preserve">${xmlText(cut(text))}</t></si>`;
      texts += 1;
      if (texts % CHUNK_TEXTS > 0) continue;
      yield encoder.encode(xml);
      xml = '';
    }
    yield encoder.encode(`${xml}</sst>`);
  }
}

/** At the end of a text, how long it was. */
function cut(text: string): string {
  if (text.length <= LENGTH_MAX) return text;
  const end = ` … (cut, ${text.length} characters)`;
  return `${text.slice(0, LENGTH_MAX - end.length)}${end}`;
}

/** For contents and attributes. A carriage return would be read as a line feed if it were not named. */
export function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML can't have
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, (character) => {
        return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
      })
      .replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
