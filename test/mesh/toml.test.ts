import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../mesh/error.ts';
import { parseToml, shownToml, TomlDate } from '../../mesh/toml.ts';

test('values of all kinds', (t) => {
  const { value } = parseToml(
    `a = "x"\nb = [1, -2.5, true]\nc.d = 'y'\n[e]\nf = { g = 0x1F, h = [] }\n[[i]]\nj = 1\n[[i]]\n[i.k]\nl = """\ntwo\nlines"""\n`,
    'f.toml',
  );
  t.deepEqual(value, {
    a: 'x',
    b: [1, -2.5, true],
    c: { d: 'y' },
    e: { f: { g: 31, h: [] } },
    i: [{ j: 1 }, { k: { l: 'two\nlines' } }],
  });
});

test('every key and element has a line, and what is not there that of the nearest around it', (t) => {
  const text = ['', 'a = 1', '[b.c]', 'd = [', '  1,', '  { e = 2 },', ']', '[[f]]', 'g = 1', '[[f]]', '', 'h.i = 2', '[b]', 'j = 3'].join(
    '\n',
  );
  const { lineOf } = parseToml(text, 'f.toml');
  const lines: readonly (readonly [number, ...(string | number)[]])[] = [
    [1],
    [1, 'nothing'],
    [2, 'a'],
    [2, 'a', 'nothing'],
    [3, 'b', 'c'],
    [4, 'b', 'c', 'd'],
    [5, 'b', 'c', 'd', 0],
    [6, 'b', 'c', 'd', 1, 'e'],
    [4, 'b', 'c', 'd', 2],
    [8, 'f'],
    [8, 'f', 0],
    [9, 'f', 0, 'g'],
    [10, 'f', 1, 'g'],
    [12, 'f', 1, 'h', 'i'],
    // Its own header, not that of a table in it.
    [13, 'b'],
    [14, 'b', 'j'],
  ];
  for (const [line, ...path] of lines) t.is(lineOf(path), line, path.join('.'));
});

test('what a double can not hold is not rounded, and dates stay what was written', (t) => {
  const { value } = parseToml('a = 9007199254740993\nb = 2026-01-01\nc = 07:30:00\nd = -9007199254740991', 'f.toml');
  t.is(value.a, 9007199254740993n);
  t.deepEqual(value.b, new TomlDate('2026-01-01'));
  t.deepEqual(value.c, new TomlDate('07:30:00'));
  t.is(value.d, -9007199254740991);
  t.is(shownToml(value.b), 'the date 2026-01-01');
  t.is(shownToml('x\n'.repeat(100)).length, 123);
});

test('a byte order mark and the line ends of other systems do no harm', (t) => {
  const { value, lineOf } = parseToml('\uFEFFa = 1\r\n[b]\r\nc = 2\r\n', 'f.toml');
  t.deepEqual(value, { a: 1, b: { c: 2 } });
  t.is(lineOf(['b', 'c']), 3);
});

/** Of the classes that toml-test has: duplicates, numbers, strings, keys, tables. */
const invalid: readonly (readonly [line: number, text: string])[] = [
  [2, 'a = 1\na = 2'],
  [2, 'a.b = 1\na = 2'],
  [2, '[a]\n[a]'],
  [3, '[a]\nb = 1\n[a.b]'],
  [2, 'a = { b = 1 }\n[a.c]'],
  [2, 'a = []\n[[a]]'],
  [2, '[[a]]\n[a]'],
  [1, 'a = { b = 1, b = 2 }'],
  ...['01', '1__0', '_1', '1.', '.1', '1e', '0x', 'True', 'Inf', ''].map((number) => [1, `a = ${number}`] as const),
  ...['"\\q"', '"\\uD800"', '"\u0001"', '"', "'a\nb'", '"""x""""""'].map((string) => [1, `a = ${string}`] as const),
  ...['a', '= 1', 'a b = 1', 'a. = 1', '.a = 1', 'a..b = 1', '[a', '[]', '[a.]', '[[a] ]', 'a = 1 b = 2', 'a = [1,,2]'].map(
    (text) => [1, text] as const,
  ),
  ...['2026-02-30', '2026-13-01', '25:00:00'].map((date) => [1, `a = ${date}`] as const),
  ...[
    '__proto__ = 1',
    'a.__proto__ = 1',
    '[__proto__]',
    '[a.__proto__.b]',
    '[[__proto__]]',
    'a = { __proto__ = {} }',
    '"__proto__" = 1',
  ].map((text) => [1, text] as const),
  [2, `\na = ${'['.repeat(40)}${']'.repeat(40)}`],
  [1, `a = ${'['.repeat(20_000)}`],
  [1, `a = ${'{a='.repeat(10_000)}`],
  [1, `[${Array.from({ length: 40 }, () => 'a').join('.')}]`],
  [1, `a = "${'x'.repeat(400_000)}"`],
  [1, '#'.repeat(2 ** 20 + 1)],
];
for (const [line, text] of invalid) {
  test(`refused: ${JSON.stringify(text.slice(0, 60))}, ${text.length} characters`, (t) => {
    const error = t.throws(() => parseToml(text, 'f.toml'), { instanceOf: MeshError })!;
    t.is(error.code, 'usage');
    t.regex(error.message, new RegExp(`^f\\.toml:${line}: [^\n]+$`));
  });
}

test('no text makes it fail in another way', (t) => {
  const tokens = [
    '[',
    ']',
    '[[',
    ']]',
    '{',
    '}',
    '=',
    ',',
    '.',
    '"',
    "'",
    '"""',
    '\n',
    ' ',
    '#',
    'a',
    'b',
    '1',
    '-',
    '2026-01-01',
    'true',
    '\\u',
    '\r',
    '__proto__',
    'inf',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...tokens), { maxLength: 40 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        t.is(typeof parseToml(given, 'f.toml').value, 'object');
      } catch (error) {
        t.true(error instanceof MeshError && error.code === 'usage', String(error));
      }
    }),
    { numRuns: 1500 },
  );
});
