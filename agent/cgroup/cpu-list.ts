/**
 * CPUs as the kernel writes them: `0-1,3` → 0, 1, 3.
 */

/** As many as Linux can have; a list that names more is nonsense, and is not counted up. */
const CPUS_MAX = 8192;

/** Undefined for what is no such list. An empty text is an empty list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const cpus = new Set<number>();
  for (const part of text.trim().split(',').filter(Boolean)) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) >= CPUS_MAX) return undefined;
    for (let cpu = Number(first); cpu <= Number(last); cpu += 1) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}
