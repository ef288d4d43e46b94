/**
 * Problems of many combinations as a person wants to read them: what is wrong with all is said once, what is wrong with some is said with the first of
 * them, and a place at which every combination is wrong in a way of its own is not said a thousand times.
 */
import type { Assignment, Placeholder } from './placeholders.ts';
import type { Path, Problem } from './problems.ts';

/** Ways in which one place is wrong. */
const WAYS_MAX = 3;

interface Found {
  readonly problem: Problem;
  readonly first: Assignment;
  combinations: number;
}

export class SeveralProblems {
  readonly #found = new Map<string, Found>();
  readonly #combinations: number;

  constructor(combinations: number) {
    this.#combinations = combinations;
  }

  /** All that is wrong with one combination. */
  add(assignment: Assignment, problems: readonly Problem[]): void {
    const keys = new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.what]), problem]));
    for (const [key, problem] of keys) {
      const found = this.#found.get(key);
      if (found === undefined) this.#found.set(key, { problem, first: assignment, combinations: 1 });
      else found.combinations += 1;
    }
  }

  /** `placeholders` tell which values a place depends on. */
  all(placeholders: readonly Placeholder[]): Problem[] {
    const problems: Problem[] = [];
    const ways = new Map<string, number>();
    for (const { problem, first, combinations } of this.#found.values()) {
      const { path, what } = problem;
      if (combinations === this.#combinations) {
        problems.push(problem);
        continue;
      }
      const key = JSON.stringify(path);
      const way = (ways.get(key) ?? 0) + 1;
      ways.set(key, way);
      if (way > WAYS_MAX) continue;
      const others = combinations - 1;
      const more = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'combination' : 'combinations'}`;
      problems.push({ path, what: `${what} (with ${shown(first, path, placeholders)}${more})` });
    }
    for (const [key, count] of ways)
      if (count > WAYS_MAX) problems.push({ path: JSON.parse(key) as Path, what: `and ${count - WAYS_MAX} more such combinations` });
    return problems;
  }
}

/** The values of the text that is wrong; of something without placeholders, all. */
function shown(assignment: Assignment, path: Path, placeholders: readonly Placeholder[]): string {
  const key = JSON.stringify(path);
  const own = new Set(placeholders.filter((placeholder) => JSON.stringify(placeholder.path) === key).map(({ name }) => name));
  const entries = Object.entries(assignment).filter(([name]) => own.size === 0 || own.has(name));
  const text = entries.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
