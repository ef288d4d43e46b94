/** MATLAB files that tests have written come back as they were; damaged ones are refused, whatever is damaged. */
import { deflateSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import type { MatValue } from '../../../controller/data-sets/mat-array.ts';
import { readMat } from '../../../controller/data-sets/mat-file.ts';
import { MeshError } from '../../../mesh/error.ts';
import { type Content, element, type Numbers, words, writeMat } from './support/write-mat.ts';

const forms = [{}, { big: true }, { compressed: true }, { big: true, compressed: true }];
const column: Numbers = { numbers: [1, -2, 3.5] };

function read(content: Content, options = {}): MatValue {
  return readMat(writeMat({ x: content }, options), 'x.mat').get('x')!;
}

function numbersOf(value: MatValue): readonly number[] {
  return value.kind === 'numbers' ? [...value.values] : [];
}

/** The error with which a file is refused. */
function refused(file: Uint8Array): MeshError {
  try {
    readMat(file, 'x.mat');
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error('it was read');
}

test('numbers of every storage come back, in both byte orders, plain and compressed', (t) => {
  const storages = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'single', 'double', 'int64', 'uint64'] as const;
  for (const form of forms) {
    for (const as of storages) {
      const numbers = as.startsWith('u') ? [0, 1, 200] : [0, 1, -100];
      t.deepEqual(read({ numbers, as }, form), { kind: 'numbers', dims: [3, 1], values: new Float64Array(numbers) }, as);
      // So few that they are stored in the tag.
      t.deepEqual(numbersOf(read({ numbers: [7], as }, form)), [7], as);
    }
  }
});

test('structs, arrays of structs, cells and texts come back, within each other', (t) => {
  const nested: Content = {
    struct: [
      { Name: { text: 'force' }, Data: { numbers: [1, 2], dims: [1, 2] }, More: { cell: [column, { text: '' }] } },
      { Name: { text: 'vibration_1' }, Data: { numbers: [3, 4], as: 'int16' }, More: { struct: [{ a: column }] } },
    ],
  };
  for (const form of forms) {
    const value = read(nested, form);
    if (value.kind !== 'struct') return t.fail(value.kind);
    t.deepEqual(value.dims, [1, 2]);
    t.deepEqual(
      value.elements.map((each) => each.get('Name')),
      [
        { kind: 'text', text: 'force' },
        { kind: 'text', text: 'vibration_1' },
      ],
    );
    t.deepEqual(numbersOf(value.elements[1]!.get('Data')!), [3, 4]);
    const more = value.elements[0]!.get('More')!;
    t.deepEqual(more.kind === 'cell' && numbersOf(more.elements[0]!), column.numbers);
  }
});

test('a char array of several rows is several lines', (t) => {
  t.deepEqual(read({ rows: ['abc', 'dëf'] }), { kind: 'text', text: 'abc\ndëf' });
});

test('several variables are read by name, and only those that are wanted', (t) => {
  const file = writeMat({ a: column, b: { numbers: [9] }, c: column }, { compressed: true });
  t.deepEqual([...readMat(file, 'x.mat').keys()], ['a', 'b', 'c']);
  const [[name, value] = [], ...more] = readMat(file, 'x.mat', (variable) => variable === 'b');
  t.deepEqual([name, numbersOf(value!), more], ['b', [9], []]);
});

test('what is not read is named, and what stands beside it is read', (t) => {
  const variables = readMat(writeMat({ s: { strange: 5 }, o: { strange: 17 }, n: { strange: 99 }, x: column }), 'x.mat');
  const kinds = [...variables.values()].map((value) => (value.kind === 'other' ? value.what : value.kind));
  t.deepEqual(kinds, ['sparse array', 'object', 'array of class 99', 'numbers']);
});

test('a file of version 7.3, of version 4 and a web page are told apart from level 5', (t) => {
  const newer = writeMat({});
  newer.write('MATLAB 7.3 MAT-file');
  t.is(refused(newer).code, 'unsupported');
  t.regex(refused(newer).message, /version 7\.3 \(HDF5\)/);
  t.regex(refused(newer).hint!, /-v7/);
  t.regex(refused(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')).message, /7\.3/);
  t.regex(refused(Buffer.from('<!doctype html>'.padEnd(500, '.'))).message, /x\.mat is no MATLAB level-5 file/);
  t.is(refused(Buffer.alloc(0)).code, 'unsupported');
});

test('a file that ends early is refused with the byte, wherever it ends', (t) => {
  const file = writeMat({ x: { struct: [{ a: column, b: { text: 'b' } }] } });
  for (let length = 129; length < file.length; length += 1) {
    const { code, message } = refused(file.subarray(0, length));
    t.is(code, 'invalid', `${length}`);
    t.regex(message, /^x\.mat is damaged at byte \d+: /);
  }
});

test('a file that claims more than it has is refused before room is made for it', (t) => {
  const header = writeMat({});
  const claim = (kind: number, dims: readonly number[], body: Buffer): Buffer =>
    Buffer.concat([
      header,
      element(
        14,
        Buffer.concat([
          element(6, words([kind, 0], false), false),
          element(5, words(dims, false), false),
          element(1, Buffer.from('x'), false),
          body,
        ]),
        false,
      ),
    ]);
  const names = Buffer.concat([element(5, words([8], false), false), element(1, Buffer.alloc(8, 'f'), false)]);
  const large = [0x7fffffff, 0x7fff];
  t.regex(refused(claim(1, large, Buffer.alloc(0))).message, /a cell of \d+ arrays in 0 bytes/);
  t.regex(refused(claim(2, large, names)).message, /a struct of \d+ arrays in 0 bytes/);
  t.regex(refused(claim(6, large, element(9, Buffer.alloc(16), false))).message, /2 numbers in an array of 2147483647 × 32767/);
  t.regex(refused(claim(6, [0x7fffffff, 0x7fffffff, 0x7fffffff], Buffer.alloc(0))).message, /an array with the dimensions/);
  t.deepEqual(readMat(claim(2, large, Buffer.concat([names.subarray(0, 8), element(1, Buffer.alloc(0), false)])), 'x.mat').get('x'), {
    ...{ kind: 'struct', dims: large, elements: [] },
  });
});

test('arrays within arrays have an end', (t) => {
  let content: Content = column;
  for (let depth = 0; depth < 40; depth += 1) content = { cell: [content] };
  t.regex(refused(writeMat({ x: content })).message, /nested more than 32 deep/);
});

test('what is compressed and damaged, or grows without end, is refused', (t) => {
  const file = writeMat({ x: { numbers: Array.from({ length: 100 }, (_, index) => index) } }, { compressed: true });
  file[file.length - 20]! ^= 0xff;
  t.regex(refused(file).message, /x\.mat is damaged at byte 128: a compressed variable can't be read/);
  const zeros = deflateSync(Buffer.alloc(2 ** 20));
  const bomb = Buffer.concat([writeMat({}), words([15, zeros.length], false), zeros]);
  t.regex(refused(bomb).message, /inflated from byte 128\) is damaged at byte 0/);
});

test('any bytes changed: a value or an error that says where, and nothing else', (t) => {
  const content: Content = {
    struct: [{ Name: { text: 'gs' }, Data: { numbers: [1, 2, 3], as: 'int16' }, More: { cell: [column, { rows: ['ab', 'cd'] }] } }],
  };
  const files = forms.map((form) => writeMat({ x: content, y: column }, form));
  const change = fc.tuple(fc.nat({ max: 2 ** 16 }), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 14, 15, 0x7f, 0x80, 0xff)));
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat({ max: 600 }), (file, changes, cut) => {
      const damaged = Buffer.from(cut < 300 ? file : file.subarray(0, cut));
      for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
      try {
        readMat(damaged, 'x.mat');
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        if (!/^x\.mat/.test(error.message)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
