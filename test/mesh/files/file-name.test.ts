import test from 'ava';
import fc from 'fast-check';
import { checkFileName, checkFolderName } from '../../../mesh/files/file-name.ts';

const good = [
  'a',
  'model.onnx',
  'models/resnet18.onnx',
  'a b/c',
  '...',
  '.hidden',
  'naïve/模型',
  'x'.repeat(255),
  `${'y'.repeat(255)}/z`,
  'CON',
  '~',
  '-rf',
];
const bad = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '.',
  'a/..',
  '../a',
  'a/../../b',
  'a/./b',
  'a//b',
  'a/',
  'a\0b',
  'a\nb',
  'a\\b',
  '\ud800',
  'a\u202eb',
  ' a',
  'a /b',
  'x'.repeat(256),
  '模'.repeat(86),
  `${'a/'.repeat(600)}a`,
  '\ufeffa',
  'a\u2028b',
];

for (const name of good) test(`"${name.slice(0, 20)}" is a file name`, (t) => t.is(checkFileName(name), name));

for (const [index, name] of bad.entries()) {
  test(`${index}: ${JSON.stringify(name.slice(0, 20))} is not a file name`, (t) => {
    t.throws(() => checkFileName(name), { message: /is not a file name/ });
  });
}

test('one name typed on two systems is one name', (t) => {
  t.is(checkFileName('e\u0301te\u0301.onnx'), '\u00e9t\u00e9.onnx');
});

test('a name that is taken stays below any folder', (t) => {
  const piece = fc.oneof(fc.constantFrom('.', '..', '/', '\\', '\0', '~', 'a'), fc.string({ unit: 'binary', maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      let name: string;
      try {
        name = checkFileName(pieces.join(''));
      } catch {
        return true;
      }
      const path = new URL(`file:///data/folder/${name.split('/').map(encodeURIComponent).join('/')}`).pathname;
      return path.startsWith('/data/folder/') && !name.includes('\0') && checkFileName(name) === name;
    }),
    { numRuns: 5000 },
  );
  t.pass();
});

test('a folder may end with a slash, and be empty for all', (t) => {
  t.is(checkFolderName('models/'), 'models');
  t.is(checkFolderName(''), '');
  t.throws(() => checkFolderName('../'), { message: /is not a folder name/ });
});
