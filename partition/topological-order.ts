/**
 * Puts nodes in an order in which every tensor is made before it is read: the file's order wherever it is one already, otherwise the
 * earliest node of the file whose inputs are there. Finds what keeps a graph from having such an order.
 */
import { MeshError } from '../mesh/error.ts';
import type { NodeProto } from '../proto/gen/onnx/onnx.ts';

/** A node before its place is known. */
export interface NodeDraft {
  /** The node's own name, or one made of its operator and its place in the file. Not necessarily unique. */
  readonly name: string;
  /** With its domain in front unless that is the standard one. */
  readonly operator: string;
  readonly proto: NodeProto;
  /** Every tensor it reads, once: inputs and what its subgraphs capture. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** `known`: names that need no producer (inputs, constants). Error `invalid`: a tensor made twice, made by nobody, or a cycle. */
export function topologicalOrder(model: string, nodes: readonly NodeDraft[], known: ReadonlySet<string>): readonly NodeDraft[] {
  const producerOf = producers(model, nodes, known);
  const waiting = nodes.map((node) => node.inputs.filter((name) => !known.has(name)).length);
  const readers = new Map<string, number[]>();
  nodes.forEach((node, index) => {
    for (const name of node.inputs) {
      if (known.has(name)) continue;
      if (!producerOf.has(name)) {
        throw new MeshError('invalid', `${model}: node ${describe(node)} reads tensor "${name}", which nothing makes`, {
          hint: 'the file is damaged, or an initializer or node was removed from it',
        });
      }
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [index]);
      else list.push(index);
    }
  });

  const order: NodeDraft[] = [];
  const ready = new MinHeap();
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const node = nodes[index]!;
    order.push(node);
    for (const name of node.outputs) {
      for (const reader of readers.get(name) ?? []) {
        waiting[reader]!--;
        if (waiting[reader] === 0) ready.push(reader);
      }
    }
  }
  if (order.length < nodes.length) throw cycle(model, nodes, waiting, producerOf);
  return order;
}

function producers(model: string, nodes: readonly NodeDraft[], known: ReadonlySet<string>): ReadonlyMap<string, number> {
  const producerOf = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const name of node.outputs) {
      const other = producerOf.get(name);
      if (other !== undefined || known.has(name)) {
        const first = other === undefined ? 'an input or constant of the model' : `node ${describe(nodes[other]!)}`;
        throw new MeshError('invalid', `${model}: tensor "${name}" is made twice, by ${first} and by node ${describe(node)}`);
      }
      producerOf.set(name, index);
    }
  });
  return producerOf;
}

/** Walks back from a node that never became ready, through others like it, until it meets itself. */
function cycle(model: string, nodes: readonly NodeDraft[], waiting: readonly number[], producerOf: ReadonlyMap<string, number>): MeshError {
  const path: number[] = [];
  let at = waiting.findIndex((count) => count > 0);
  while (!path.includes(at)) {
    path.push(at);
    at = nodes[at]!.inputs.map((name) => producerOf.get(name)).find((index) => index !== undefined && waiting[index]! > 0)!;
  }
  const round = path.slice(path.indexOf(at)).reverse();
  const names = round.slice(0, 6).map((index) => describe(nodes[index]!));
  return new MeshError('invalid', `${model}: its nodes form a cycle: ${names.join(' → ')}${round.length > 6 ? ' → …' : ''} → ${names[0]}`);
}

function describe(node: NodeDraft): string {
  return `"${node.name}" (${node.operator})`;
}

/** Smallest number first. */
class MinHeap {
  readonly #items: number[] = [];

  push(value: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(value);
    for (let parent = (at - 1) >> 1; at > 0 && items[parent]! > value; parent = (at - 1) >> 1) {
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = value;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
