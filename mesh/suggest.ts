/** "Did you mean …?": the known words that are nearest to what was typed, when they are near enough to be a slip of the finger. */

/** Undefined when nothing is near. */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  return closest(typed, known, 1)[0];
}

/** At most `count` words, nearest first: those that contain what was typed or are contained in it, then those within a third of its length. */
export function closest(typed: string, known: Iterable<string>, count = 3): readonly string[] {
  const wanted = typed.toLowerCase();
  const errorsMax = Math.max(1, Math.ceil(wanted.length / 3));
  const near: { readonly word: string; readonly distance: number }[] = [];
  for (const word of new Set(known)) {
    const candidate = word.toLowerCase();
    const apart = Math.abs(candidate.length - wanted.length);
    const contained = wanted.length >= 3 && (candidate.includes(wanted) || (candidate.length >= 3 && wanted.includes(candidate)));
    if (contained) near.push({ word, distance: apart / 100 });
    else if (apart <= errorsMax) {
      const distance = editDistance(wanted, candidate);
      if (distance <= errorsMax) near.push({ word, distance });
    }
  }
  near.sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1));
  return near.slice(0, count).map(({ word }) => word);
}

/** Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, before[column - 2]! + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[b.length]!;
}
