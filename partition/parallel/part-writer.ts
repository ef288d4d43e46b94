/**
 * Writes one part of some layers: walked back from what it shall make, each node is asked what it needs for that; where a tensor is read
 * twice, what both need is made once. Then the nodes are written, each for its box.
 *
 *     wanted rows 0-9 ◀── Conv 3×3: rows 0-10 ◀─┬── Relu: rows 0-10 ◀── … ◀── rows 0-12 of what comes from outside
 *                                               └── …
 *
 * (DeepThings, Zhao et al. 2018; "Fused-layer CNN accelerators", Alwani et al. 2016; the same walk divides channels and attention heads.)
 */
import type { NodeProto } from '../../proto/gen/onnx/onnx.ts';
import { type GraphNode, isFlowing, type ModelGraph } from '../graph.ts';
import type { Facts } from '../infer/infer.ts';
import { opsetOf } from '../model.ts';
import { addBox, type Box, contains, formatBox, isSameBox, wholeBox } from './box.ts';
import type { ParallelWriter } from './parallel-model.ts';
import { isReseen, type Operand, type View } from './view.ts';
import { viewOf } from './views.ts';

export interface PartScope {
  readonly graph: ModelGraph;
  readonly facts: Facts;
  /** In topological order: the nodes of which a part is written. */
  readonly nodes: readonly GraphNode[];
  /** What to throw when a node can't be divided; `view` says how it would have to be computed, if at all. */
  readonly refuse: (node: GraphNode, view: View | undefined) => Error | undefined;
}

/** What a part makes: boxes of tensors, or a summand of one node's output. */
export type Cell =
  | { readonly kind: 'boxes'; readonly wanted: ReadonlyMap<string, Box> }
  | { readonly kind: 'summand'; readonly node: GraphNode; readonly view: View };

/** A box of a tensor, and how it is made. */
export interface Made {
  readonly box: Box;
  readonly view: View;
}

export class PartPlan {
  /** What is made of each tensor. */
  readonly made = new Map<string, readonly Made[]>();
  /** What is needed of each tensor from outside. */
  readonly outside = new Map<string, readonly Box[]>();
  /** Something was asked for in part and has to be made in a larger part. */
  grew = false;
  readonly #scope: PartScope;
  readonly #inside: ReadonlySet<string>;
  readonly #wanted = new Map<string, readonly Box[]>();

  /** Errors: what `refuse` gives. */
  constructor(scope: PartScope, cell: Cell) {
    this.#scope = scope;
    this.#inside = new Set(scope.nodes.flatMap(({ outputs }) => outputs));
    if (cell.kind === 'boxes') for (const [name, box] of cell.wanted) this.#wanted.set(name, [box]);
    else this.#wanted.set(cell.node.outputs[0]!, [cell.view.output]);
    for (const node of scope.nodes.toReversed()) {
      for (const [position, name] of node.proto.output.entries()) {
        const boxes = this.#wanted.get(name);
        if (boxes === undefined) continue;
        const fixed = cell.kind === 'summand' && cell.node === node ? cell.view : undefined;
        this.made.set(
          name,
          boxes.map((wanted) => this.#make(node, wanted, fixed ?? this.#viewOf(node, position, wanted))),
        );
      }
    }
  }

  #viewOf(node: GraphNode, position: number, wanted: Box): View {
    const { graph, facts, refuse } = this.#scope;
    const view = this.#isKnown(node) ? viewOf({ node, position, facts, opset: opsetOf(graph.model.proto) }, wanted) : undefined;
    const refusal = refuse(node, view);
    if (refusal !== undefined || view === undefined) throw refusal ?? new Error(`"${node.name}" can't be divided`);
    return view;
  }

  #make(node: GraphNode, wanted: Box, view: View): Made {
    const { graph, facts } = this.#scope;
    if (!isSameBox(view.output, wanted)) this.grew = true;
    for (const [at, input] of node.proto.input.entries()) {
      if (input === '' || !isFlowing(graph, input)) continue;
      const operand = view.inputs[at] ?? 'whole';
      // A Reshape reads its shape, but what is written has it as a constant.
      if (operand === 'none' || (view.reshapesTo !== undefined && at > 0)) continue;
      if (isReseen(operand)) this.#need(operand.tensor ?? input, operand.box);
      else this.#need(input, operand === 'whole' ? wholeBox(facts.get(input)!.dims!) : operand);
    }
    return { box: view.output, view };
  }

  #need(name: string, box: Box): void {
    const where = this.#inside.has(name) ? this.#wanted : this.outside;
    where.set(name, addBox(where.get(name) ?? [], box));
  }

  /** All tensors of the node have sizes, none of them 0. */
  #isKnown(node: GraphNode): boolean {
    const { facts } = this.#scope;
    return [...node.inputs, ...node.outputs].every((name) => facts.get(name)?.dims?.every((size) => size > 0) ?? false);
  }
}

export class PartWriter {
  /** Names of the nodes that belong to the part. */
  readonly names = new Set<string>();
  readonly #scope: PartScope;
  readonly #plan: PartPlan;
  readonly #writer: ParallelWriter;
  readonly #suffix: string;
  readonly #read: (name: string, box: Box) => string;
  /** Where the boxes are found that this part has already, by tensor and box. */
  readonly #found = new Map<string, string>();
  /** Outputs of nodes that only pass on, by tensor and number of the box. */
  readonly #aliases = new Map<string, string>();

  /** `suffix` makes its names unique; `read` gives the name of a box of a tensor from outside. */
  constructor(scope: PartScope, plan: PartPlan, writer: ParallelWriter, suffix: string, read: (name: string, box: Box) => string) {
    this.#scope = scope;
    this.#plan = plan;
    this.#writer = writer;
    this.#suffix = suffix;
    this.#read = read;
  }

  write(): void {
    for (const node of this.#scope.nodes) {
      for (const name of node.outputs)
        for (const [index, made] of (this.#plan.made.get(name) ?? []).entries()) this.#write(node, name, index, made);
    }
  }

  /** Where a box of a tensor that this part makes is found, and which box is there. */
  holding(name: string, box: Box): { readonly tensor: string; readonly held: Box } {
    const made = this.#plan.made.get(name)!;
    const index = made.findIndex((each) => contains(each.box, box));
    return { tensor: this.#aliases.get(`${name}#${index}`) ?? this.#own(name, index), held: made[index]!.box };
  }

  /** A node written for this part belongs to it. */
  add(node: NodeProto): string {
    this.names.add(node.name!);
    return node.output[0]!;
  }

  #write(node: GraphNode, name: string, index: number, { view }: Made): void {
    if (view.passesOn) {
      this.#aliases.set(`${name}#${index}`, this.#find(node.proto.input[0]!, view.inputs[0] as Box));
      return;
    }
    const [own, output] = [this.#own(node.name, index), this.#own(name, index)];
    if (view.reshapesTo !== undefined) {
      this.add(this.#writer.reshape(this.#find(node.proto.input[0]!, view.inputs[0] as Box), output, own, view.reshapesTo));
      return;
    }
    const operands = node.proto.input.map((input, at) => this.#operand(node, input, view.inputs[at] ?? 'whole'));
    const inputs = node.operator === 'Concat' ? operands.filter((operand) => operand !== '') : operands;
    while (inputs.at(-1) === '') inputs.pop();
    const attribute = [...(view.attribute ?? node.proto.attribute)];
    const proto: NodeProto = { ...node.proto, name: own, input: inputs, output: [output], attribute };
    this.#writer.add(proto);
    this.add(proto);
  }

  #operand(node: GraphNode, input: string, operand: Operand): string {
    if (input === '' || operand === 'none') return '';
    const { graph, facts } = this.#scope;
    if (!isFlowing(graph, input)) return this.#constant(input, operand);
    if (!isReseen(operand)) return this.#find(input, operand === 'whole' ? wholeBox(facts.get(input)!.dims!) : operand);
    const source = this.#find(operand.tensor ?? input, operand.box);
    return this.add(this.#writer.reshape(source, `${this.#own(input)}.seen`, `${this.#own(node.name)}.seen`, operand.sizes));
  }

  #constant(name: string, operand: Operand): string {
    if (operand === 'whole' || operand === 'none') return name;
    if (isReseen(operand)) return this.#writer.constantPart(name, operand.box, operand.dims, operand.sizes) ?? name;
    return this.#writer.constantPart(name, operand) ?? this.#sliced(name, name, operand, wholeBox(this.#scope.facts.get(name)!.dims!));
  }

  #find(name: string, box: Box): string {
    if (this.#plan.made.has(name)) {
      const { tensor, held } = this.holding(name, box);
      return this.#sliced(tensor, name, box, held);
    }
    const held = this.#plan.outside.get(name)!.find((each) => contains(each, box))!;
    const key = this.#formatted(name, held);
    const source = this.#found.get(key) ?? this.#read(name, held);
    this.#found.set(key, source);
    return this.#sliced(source, name, box, held);
  }

  /** Of what is held in `held`, this box; itself when that is all. */
  #sliced(source: string, name: string, box: Box, held: Box): string {
    if (isSameBox(box, held)) return source;
    const key = this.#formatted(this.#own(name), box, name);
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const made = this.add(this.#writer.slice(source, key, box, held));
    this.#found.set(key, made);
    return made;
  }

  #formatted(label: string, box: Box, name = label): string {
    return `${label}${formatBox(box, wholeBox(this.#scope.facts.get(name)!.dims!))}`;
  }

  /** `index`: of the boxes that are made of a tensor. */
  #own(name: string, index = 0): string {
    return `${name}${this.#suffix}${index === 0 ? '' : `.${index}`}`;
  }
}
