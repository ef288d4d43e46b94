/**
 * Maximum flow and minimum cut. (Dinitz: Algorithm for solution of a problem of maximum flow in a network with power estimation, 1970.)
 *
 * Shortest augmenting paths, level by level; arcs in flat arrays, each beside its reverse (arc ^ 1).
 */

export class FlowNetwork {
  readonly #head: number[] = [];
  readonly #to: number[] = [];
  readonly #next: number[] = [];
  readonly #capacity: number[] = [];

  addNode(): number {
    return this.#head.push(-1) - 1;
  }

  /** `capacity` may be infinite. */
  addArc(from: number, to: number, capacity: number): void {
    this.#push(from, to, capacity);
    this.#push(to, from, 0);
  }

  /** Of each node: whether it is on the source's side of a minimum cut; and what the cut costs. Infinite when every cut has an infinite arc. */
  minimumCut(source: number, sink: number): { readonly value: number; readonly near: readonly boolean[] } {
    let value = 0;
    for (;;) {
      const level = this.#levels(source);
      if (level[sink] === -1) return { value, near: level.map((depth) => depth !== -1) };
      const pushed = this.#blockingFlow(source, sink, level);
      if (pushed === Number.POSITIVE_INFINITY) return { value: pushed, near: level.map((depth) => depth !== -1) };
      value += pushed;
    }
  }

  #push(from: number, to: number, capacity: number): void {
    this.#to.push(to);
    this.#capacity.push(capacity);
    this.#next.push(this.#head[from]!);
    this.#head[from] = this.#to.length - 1;
  }

  #levels(source: number): number[] {
    const level = new Array<number>(this.#head.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (let arc = this.#head[node]!; arc !== -1; arc = this.#next[arc]!) {
        const to = this.#to[arc]!;
        if (this.#capacity[arc]! <= 0 || level[to] !== -1) continue;
        level[to] = level[node]! + 1;
        queue.push(to);
      }
    }
    return level;
  }

  /** Without recursion: a chain of a thousand layers makes long paths. */
  #blockingFlow(source: number, sink: number, level: readonly number[]): number {
    const at = [...this.#head];
    const path: number[] = [];
    let total = 0;
    let node = source;
    for (;;) {
      if (node === sink) {
        const least = path.reduce((low, arc) => Math.min(low, this.#capacity[arc]!), Number.POSITIVE_INFINITY);
        total += least;
        if (least === Number.POSITIVE_INFINITY) return least;
        for (const arc of path) {
          this.#capacity[arc]! -= least;
          this.#capacity[arc ^ 1]! += least;
        }
        path.length = 0;
        node = source;
        continue;
      }
      let arc = at[node]!;
      while (arc !== -1 && !(this.#capacity[arc]! > 0 && level[this.#to[arc]!] === level[node]! + 1)) arc = this.#next[arc]!;
      at[node] = arc;
      if (arc !== -1) {
        path.push(arc);
        node = this.#to[arc]!;
        continue;
      }
      const back = path.pop();
      if (back === undefined) return total;
      node = this.#to[back ^ 1]!;
      at[node] = this.#next[back]!;
    }
  }
}
