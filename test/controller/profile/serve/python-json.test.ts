import test from 'ava';
import fc from 'fast-check';
import { floatText, type JsonObject, parseJson, writeJson } from '../../../../controller/profile/serve/python-json.ts';

/** As `repr` of Python 3 writes them. */
const floats: readonly (readonly [number, string])[] = [
  [14.74413776397705, '14.74413776397705'],
  [15, '15.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [1e-4, '0.0001'],
  [1e-5, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [123456789012345680, '1.2345678901234568e+17'],
  [1e15, '1000000000000000.0'],
  [9999999999999998, '9999999999999998.0'],
  [1e16, '1e+16'],
  [1e100, '1e+100'],
  [-2.5, '-2.5'],
  [5e-324, '5e-324'],
];

for (const [value, text] of floats) test(`${text} is written as Python writes it`, (t) => t.is(floatText(value).text, text));

test('whatever number: the text means the same number', (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const { text } = floatText(value);
      t.is(Number(text), value);
      t.regex(text, /[.e]/);
    }),
  );
});

test('what comes back has the digits it came with, sorted keys, and nothing but ASCII', (t) => {
  const sent =
    '{"b": 12345678901234567890123, "a": [1.50, -0, 1e3, 1E-7, true, null, {}], "é\\ud83d\\ude00": "\\u007f\\n\\"\\/", "__proto__": {"10": 1, "9": 2}}';
  const written = writeJson({ echo: parseJson(sent) as JsonObject });
  t.is(
    written,
    `{
  "echo": {
    "__proto__": {
      "10": 1,
      "9": 2
    },
    "a": [
      1.5,
      0,
      1000.0,
      1e-07,
      true,
      null,
      {}
    ],
    "b": 12345678901234567890123,
    "\\u00e9\\ud83d\\ude00": "\\u007f\\n\\"/"
  }
}
`,
  );
  t.is(({} as { readonly polluted?: number }).polluted, undefined);
});

test('any JSON survives', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 })), (value) => {
      t.deepEqual(JSON.parse(writeJson({ echo: parseJson(JSON.stringify(value)) })).echo, JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('what is no JSON is an error, and no way to exhaust the stack', (t) => {
  for (const text of ['', '{', '{"a":NaN}', '{"a":1e999}', '['.repeat(200_000), '{"a":'.repeat(50_000), '"\\ud800'])
    t.throws(() => parseJson(text), { code: 'invalid' }, text.slice(0, 20));
  t.notThrows(() => parseJson(`"${'[{'.repeat(1000)}\\"${'['.repeat(100)}"`));
});
