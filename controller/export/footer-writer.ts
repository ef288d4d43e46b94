/**
 * The library's writer, with empty lists as Thrift's compact protocol has them:
 *
 *     field header (…, LIST) │ list header: count 0, type of the elements
 *
 * The library says type 0, which is none, and readers of the Apache projects then refuse the file: a table without rows has an empty list of row groups,
 * one without columns an empty list of orders. Both are lists of structs.
 */
import { ByteWriter } from 'hyparquet-writer';

const LIST = 9;
const STRUCT = 12;

export class FooterWriter extends ByteWriter {
  /** The byte before was the header of a field that is a list: only headers are written as single bytes. */
  #list = false;

  override appendUint8(value: number): void {
    super.appendUint8(this.#list && value === 0 ? STRUCT : value);
    this.#list = (value & 15) === LIST;
  }

  override appendVarInt(value: number): void {
    super.appendVarInt(value);
    this.#list = false;
  }

  override appendVarBigInt(value: bigint): void {
    super.appendVarBigInt(value);
    this.#list = false;
  }

  override appendBytes(value: Uint8Array): void {
    super.appendBytes(value);
    this.#list = false;
  }
}
