/**
 * What an operator's gradient may look at, and what it answers.
 *
 *     inputs ──▶ node ──▶ outputs ──▶ … ──▶ loss
 *     ∂loss/∂inputs ◀── rule ◀── ∂loss/∂outputs
 */
import { MeshError } from '../../mesh/error.ts';
import type { GraphNode } from '../graph.ts';
import { knownValues } from '../infer/fact.ts';
import type { GraphWriter, Value } from './graph-writer.ts';

/** One node on the way back. Positions are those of the node's inputs and outputs. */
export class GradientSite {
  readonly w: GraphWriter;
  readonly node: GraphNode;
  readonly #gradients: readonly (Value | undefined)[];
  readonly #wanted: ReadonlySet<string>;

  constructor(w: GraphWriter, node: GraphNode, gradients: readonly (Value | undefined)[], wanted: ReadonlySet<string>) {
    this.w = w;
    this.node = node;
    this.#gradients = gradients;
    this.#wanted = wanted;
  }

  get inputCount(): number {
    return this.node.proto.input.length;
  }

  has(position: number): boolean {
    return (this.node.proto.input[position] ?? '') !== '';
  }

  input(position: number): Value {
    return this.w.value(this.node.proto.input[position]!);
  }

  output(position = 0): Value {
    return this.w.value(this.node.proto.output[position]!);
  }

  /** ∂loss/∂output; undefined when the loss does not depend on that output. */
  gradientOf(position: number): Value | undefined {
    return this.#gradients[position];
  }

  /** ∂loss/∂output of the only output that counts. Error `unsupported` when the loss depends on another one instead. */
  get gradient(): Value {
    const [first, ...others] = this.#gradients;
    if (first === undefined || others.some((each) => each !== undefined)) throw this.unsupported('the loss depends on its second output');
    return first;
  }

  /** Some parameter stands before this input. */
  wants(position: number): boolean {
    return this.#wanted.has(this.node.proto.input[position] ?? '');
  }

  /** The numbers of a small input that is known before anything runs. Error `unsupported` when it is not; undefined when it is left out. */
  numbers(position: number): readonly number[] | undefined {
    if (!this.has(position)) return undefined;
    const known = knownValues(this.w.facts.get(this.node.proto.input[position]!) ?? { dtype: 0, dims: undefined });
    if (known === undefined) throw this.unsupported(`its input "${this.node.proto.input[position]}" is not known before it is computed`);
    return known;
  }

  /** Error: `what` this node does has no gradient here. */
  unsupported(what: string): MeshError {
    const { name, operator } = this.node;
    return new MeshError('unsupported', `${this.w.graph.model.name}: no gradient of node "${name}" (${operator}): ${what}`);
  }
}

/**
 * Adds the nodes that compute the gradients of the inputs, by position. Those not wanted may be left out: nothing should be computed for
 * them. A rule is pure but for what it adds; it throws `unsupported` for what it can't do.
 */
export type GradientRule = (site: GradientSite) => readonly (Value | undefined)[];

export type GradientRules = Readonly<Record<string, GradientRule>>;
