/**
 * The rules of tidy.ts. A rule is a function from one file to what is wrong with it.
 */
export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Problem {
  readonly line: number;
  readonly message: string;
}

type Rule = (file: SourceFile) => Problem[];

/** Folders of the product; everything else is tests, benchmarks and tools. */
const product = /^(mesh|partition|wasm|agent|controller)\/.*\.ts$/;
const source = /\.(ts|js|cjs)$/;
const generated = /^proto\/gen\//;

/** A file is one idea. Longer ones are listed here with the reason. */
const linesMax = 300;
const longer: Readonly<Record<string, { readonly lines: number; readonly because: string }>> = {
  'test/agent/files/store.test.ts': { lines: 320, because: 'every way of writing to the store meets every attack, in one table' },
};

const processAccess = /\bprocess\.(env|argv)\b|\bDate\.now\b|\bperformance\.(now|timeOrigin)\b|\bnew Date\(\s*\)|\bprocess\.hrtime\b/g;

/** gRPC's own interface asks for moments of the wall clock. */
const clockOfGrpc = 'mesh/grpc/deadline.ts';

/** Environment, arguments and clock enter at main.ts and are handed on, so that everything else can be run with others in a test. */
const processOnlyInMain: Rule = ({ path, text }) => {
  if (!product.test(path) || path.endsWith('/main.ts') || path === clockOfGrpc) return [];
  return matches(withoutComments(text), processAccess, (found) => `${found} outside of a main.ts; pass it in`);
};

const opensWithAComment: Rule = ({ path, text }) => {
  if (!product.test(path) || text.startsWith('/**')) return [];
  return [{ line: 1, message: 'opens without a comment that gives the picture of its one idea' }];
};

const staysSmall: Rule = ({ path, text }) => {
  if (!source.test(path) || generated.test(path)) return [];
  const lines = text.split('\n').length - 1;
  const max = longer[path]?.lines ?? linesMax;
  return lines <= max
    ? []
    : [{ line: max, message: `${lines} lines, more than ${max}; split it by idea, or list it in tools/tidy-rules.ts with the reason` }];
};

/** ava runs what ends in .test.ts below a folder of test/; a test elsewhere would never run. */
const testsAreFound: Rule = ({ path }) => {
  if (!/(\.(test|spec)|-test)\.[a-z]+$/.test(path)) return [];
  return /^test\/[^/]+\/.*\.test\.ts$/.test(path)
    ? []
    : [{ line: 1, message: 'this test would not run; tests are test/FOLDER/NAME.test.ts' }];
};

/** Folders of one machine; nobody else has them. Assembled, so that this file passes its own rule. */
const machinePaths = new RegExp(`(?<![\\w.$}:-])/(${['work', 'root', 'Users'].join('|')})/[\\w.]`, 'g');

const namesNoMachine: Rule = ({ path, text }) => {
  if (path === 'package-lock.json' || isBinary(text)) return [];
  return matches(text, machinePaths, (found) => `"${found}…" is a path on somebody's machine`);
};

const leavesNothingOpen: Rule = ({ path, text }) => {
  if (!source.test(path) || generated.test(path)) return [];
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`, 'g');
  return matches(text, marks, (found) => `${found}: do it, or file it`);
};

const focus = /\btest(\.[a-z]+)*\.only\b/g;

const runsAllTests: Rule = ({ path, text }) =>
  path.endsWith('.test.ts') ? matches(withoutComments(text), focus, (found) => `${found} leaves the other tests out`) : [];

export const rules: readonly Rule[] = [
  processOnlyInMain,
  opensWithAComment,
  staysSmall,
  testsAreFound,
  namesNoMachine,
  leavesNothingOpen,
  runsAllTests,
];

function matches(text: string, pattern: RegExp, message: (found: string) => string): Problem[] {
  return [...text.matchAll(pattern)].map((match) => ({ line: text.slice(0, match.index).split('\n').length, message: message(match[0]) }));
}

/** Comments become spaces, line breaks stay, so that line numbers hold. A string that looks like a comment is blanked too, which does no harm. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}

function isBinary(text: string): boolean {
  return text.includes('\0');
}
