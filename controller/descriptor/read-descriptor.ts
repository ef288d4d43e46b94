/**
 * A descriptor from its text, or all that is wrong with it.
 *
 *     text ─▶ TOML ─▶ [sweep] ─▶ assignments ─┬▶ the rest with values put in ─▶ shape ─▶ rules ─▶ Descriptor      1 to 1000 times
 *                                             └▶ …
 *
 * Each combination is validated as if it had been written by hand; what is wrong with all of them is said once.
 */
import { MeshError } from '../../mesh/error.ts';
import { parseToml, type TomlTable } from '../../mesh/toml.ts';
import { buildDescriptor } from './build-descriptor.ts';
import { parseSchedule } from './cron.ts';
import type { Combination, DescriptorFile } from './descriptor.ts';
import { type Placeholder, placeholdersIn, strayPlaceholders } from './placeholders.ts';
import { type Problem, place, problemText } from './problems.ts';
import { SeveralProblems } from './several-problems.ts';
import { SINGLE_RUN, TASK_NAME, taskNameWords } from './shape.ts';
import { type Axes, assignmentsOf, axesOf, axesProblems } from './sweep.ts';
import { validate, validateSweep } from './validate.ts';

/** What people write is a few hundred lines; each combination of a sweep is validated. */
const CHARACTERS_MAX = 2 ** 16;

/** `name`: of the file, for messages, and for the task when it has no other. Error `usage` with a line `FILE:LINE: key: what` for each problem. */
export function readDescriptor({ name, text }: { readonly name: string; readonly text: string }): DescriptorFile {
  if (text.length > CHARACTERS_MAX)
    throw new MeshError('usage', `${name}:1: a descriptor of ${text.length} characters: expected at most ${CHARACTERS_MAX}`);
  const document = parseToml(text, name);
  const problems: Problem[] = [];
  const taskName = taskNameOf(name, document.value, problems);
  const { axes, combinations } = readCombinations(document.value, taskName, problems);
  const [first] = combinations;
  if (problems.length > 0 || first === undefined)
    throw new MeshError('usage', problemText(name, place(problems, document)), { hint: 'docs/descriptors.md lists all keys' });
  return {
    ...{ name, taskName, axes, combinations },
    description: first.descriptor.description,
    schedule: scheduleOf(document.value),
    lineOf: (path) => document.lineOf(path),
  };
}

function readCombinations(
  document: TomlTable,
  taskName: string,
  problems: Problem[],
): { axes: Axes; combinations: readonly Combination[] } {
  const { sweep = {}, ...rest } = document;
  const placeholders = placeholdersIn(rest);
  const { value, problems: inSweep } = validateSweep(sweep);
  const names = new Set(typeof sweep === 'object' ? Object.keys(sweep) : []);
  const axes = value === undefined ? new Map() : axesOf(value);
  const found = [...inSweep, ...axesProblems(axes), ...placeholderProblems(placeholders, names)];
  if (found.length > 0) {
    // Without values: what does not depend on them.
    problems.push(...found, ...validate(rest, {}).problems.filter((problem) => !isOfPlaceholder(problem, placeholders)));
    return { axes, combinations: [] };
  }
  const assignments = assignmentsOf(axes);
  const several = new SeveralProblems(assignments.length);
  const combinations: Combination[] = [];
  for (const assignment of assignments) {
    const result = validate(rest, assignment);
    if (result.shape === undefined) several.add(assignment, result.problems);
    else combinations.push({ assignment, descriptor: buildDescriptor(result.shape, taskName) });
  }
  problems.push(...several.all(placeholders));
  return { axes, combinations };
}

/** Of all combinations there is one name, one description and one schedule. */
function placeholderProblems(placeholders: readonly Placeholder[], names: ReadonlySet<string>): Problem[] {
  const used = new Set(placeholders.map(({ name }) => name));
  const common = placeholders.filter(({ path: [section, key] }) => section === 'info' && key !== 'labels');
  return [
    ...strayPlaceholders(placeholders, names),
    ...common.map(({ path }) => ({
      path,
      what: 'this is the same for all combinations of a sweep: of [info], only labels may have placeholders',
    })),
    ...[...names]
      .filter((name) => !used.has(name))
      .map((name) => ({ path: ['sweep', name], what: `no text says \${${name.slice(0, 60)}}: nothing would change` })),
  ];
}

/** What is said of a text that has a placeholder in it, or of what it is in. */
function isOfPlaceholder({ path, isUnknownKey }: Problem, placeholders: readonly Placeholder[]): boolean {
  if (isUnknownKey === true) return false;
  return placeholders.some((placeholder) => path.every((step, index) => placeholder.path[index] === step) && path.length > 0);
}

function taskNameOf(file: string, document: TomlTable, problems: Problem[]): string {
  const info = document.info;
  const given = typeof info === 'object' && Object.hasOwn(info, 'task_name') ? (info as TomlTable).task_name : undefined;
  // One that is wrong is the shape's business.
  if (given !== undefined) return String(given);
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).replace(/\.toml$/, '');
  if (!TASK_NAME.test(base))
    problems.push({ path: ['info', 'task_name'], what: `is missing, and the file's name is not ${taskNameWords}` });
  return base;
}

function scheduleOf(document: TomlTable): DescriptorFile['schedule'] {
  const { scheduling = SINGLE_RUN, timezone = 'UTC' } = document.info as { readonly scheduling?: string; readonly timezone?: string };
  return scheduling === SINGLE_RUN ? undefined : parseSchedule(scheduling, timezone);
}
