/**
 * Replaces groups of nodes by parts that are computed side by side, one group after the other:
 *
 *     before ─┬─ slice ─▶ part 1 ─┬──────── slice ─▶ part 1 ─┐             a group's parts make disjoint boxes of its tensors, or summands;
 *             └─ slice ─▶ part 2 ─┴─ slice (halo) ─▶ part 2 ─┴─ join ─▶    whoever reads them gets the boxes it needs, cut out by the sender
 *
 * The result is a model like any other. So cutting, placing, running and verifying it are nothing new.
 */
import type { GraphNode, ModelGraph } from '../graph.ts';
import type { Facts } from '../infer/infer.ts';
import { type Box, formatBox, intersectionOfBoxes, isSameBox, wholeBox } from './box.ts';
import { type ParallelModel, ParallelWriter, type Part } from './parallel-model.ts';
import { type Cell, PartPlan, type PartScope, PartWriter } from './part-writer.ts';

export interface Group {
  readonly nodes: ReadonlySet<GraphNode>;
  /** One per part. */
  readonly cells: readonly Cell[];
  readonly name: (part: number) => Pick<Part, 'id' | 'title'>;
  readonly refuse: PartScope['refuse'];
  /** Who cuts summands to the box that is needed. `receiver` sends them whole. */
  readonly summandsCutBy?: 'sender' | 'receiver';
}

/** A box of a tensor that a part has made, or a summand of all of it. */
interface Holding {
  readonly part: PartWriter;
  readonly tensor: string;
  readonly held: Box;
  /** Its own: those of all parts together are the tensor, and have nothing in common. */
  readonly box: Box;
}

/** A part that reads a tensor from outside its group. */
interface Reader {
  readonly part: PartWriter;
  readonly suffix: string;
  readonly group: Group;
}

interface Divided {
  readonly kind: Cell['kind'];
  readonly holdings: readonly Holding[];
}

/** Groups must be in the order of computation. Errors: what the groups' `refuse` gives. */
export function divide(graph: ModelGraph, facts: Facts, groups: readonly Group[]): ParallelModel {
  return new Division(graph, facts).run(groups);
}

class Division {
  readonly #graph: ModelGraph;
  readonly #facts: Facts;
  readonly #writer: ParallelWriter;
  readonly #divided = new Map<string, Divided>();
  /** Cut out already: by name of what is cut out. */
  readonly #cut = new Set<string>();
  #joins = 0;

  constructor(graph: ModelGraph, facts: Facts) {
    this.#graph = graph;
    this.#facts = facts;
    this.#writer = new ParallelWriter(graph);
  }

  run(groups: readonly Group[]): ParallelModel {
    const written = groups.map((group) => this.#writeGroup(group));
    const replaced = new Set(groups.flatMap(({ nodes }) => [...nodes]));
    for (const [name, divided] of this.#divided) {
      const readers = this.#graph.consumers.get(name) ?? [];
      if (this.#graph.outputs.includes(name) || readers.some((reader) => !replaced.has(reader))) this.#join(name, divided);
    }
    return {
      model: this.#writer.finish(replaced),
      parts: groups.flatMap((group, index) =>
        written[index]!.map((part, place): Part => ({ ...group.name(place), place, nodes: part.names })),
      ),
      replaced: [...replaced],
    };
  }

  #writeGroup(group: Group): readonly PartWriter[] {
    const nodes = this.#graph.nodes.filter((node) => group.nodes.has(node));
    const scope: PartScope = { graph: this.#graph, facts: this.#facts, nodes, refuse: group.refuse };
    const made = new Map<string, Holding[]>();
    const parts = group.cells.map((cell, place) => {
      const plan = new PartPlan(scope, cell);
      const suffix = `.${group.name(place).id}`;
      const part: PartWriter = new PartWriter(scope, plan, this.#writer, suffix, (name, box) =>
        this.#read(name, box, { part, suffix, group }),
      );
      part.write();
      const own = cell.kind === 'boxes' ? cell.wanted : new Map([[cell.node.outputs[0]!, cell.view.output]]);
      for (const [name, box] of own) {
        const holding: Holding = { part, ...part.holding(name, box), box };
        made.set(name, [...(made.get(name) ?? []), holding]);
      }
      return part;
    });
    for (const [name, holdings] of made) this.#divided.set(name, { kind: group.cells[0]!.kind, holdings });
    return parts;
  }

  /** The name under which a part finds a box of a tensor from outside its group. */
  #read(name: string, box: Box, { part, suffix, group }: Reader): string {
    const divided = this.#divided.get(name);
    const whole = wholeBox(this.#facts.get(name)!.dims!);
    if (divided === undefined) {
      if (isSameBox(box, whole)) return name;
      const cut = `${name}${formatBox(box, whole)}`;
      if (!this.#cut.has(cut)) this.#writer.slice(name, cut, box, whole);
      this.#cut.add(cut);
      return cut;
    }
    if (divided.kind === 'summand') {
      const sent = group.summandsCutBy === 'receiver' ? whole : box;
      const summands = divided.holdings.map((holding) => this.#cutOut(name, holding, sent));
      const sum = part.add(this.#writer.join('Sum', summands, `${name}.sum${suffix}`));
      return isSameBox(sent, box) ? sum : part.add(this.#writer.slice(sum, `${sum}${formatBox(box, whole)}`, box, whole));
    }
    const pieces = divided.holdings.flatMap((holding) => {
      const common = intersectionOfBoxes(holding.box, box);
      return common === undefined ? [] : [{ box: common, tensor: this.#cutOut(name, holding, common) }];
    });
    return this.#assemble(pieces, `${name}.halo${suffix}`, part);
  }

  /** Cut out by the part that holds it. */
  #cutOut(name: string, { part, tensor, held }: Holding, box: Box): string {
    if (isSameBox(held, box)) return tensor;
    const cut = `${tensor}${formatBox(box, wholeBox(this.#facts.get(name)!.dims!))}`;
    if (!this.#cut.has(cut)) part.add(this.#writer.slice(tensor, cut, box, held));
    this.#cut.add(cut);
    return cut;
  }

  /** For those who read it outside of all groups. */
  #join(name: string, { kind, holdings }: Divided): void {
    if (kind === 'summand') {
      this.#writer.join(
        'Sum',
        holdings.map(({ tensor }) => tensor),
        name,
      );
      return;
    }
    const pieces = holdings.map((holding) => ({ box: holding.box, tensor: this.#cutOut(name, holding, holding.box) }));
    if (pieces.length === 1) this.#writer.join('Concat', [pieces[0]!.tensor], name, 0);
    else this.#assemble(pieces, name);
  }

  /** Boxes that together are a box, along one axis after the other. */
  #assemble(pieces: readonly { readonly box: Box; readonly tensor: string }[], output: string, reader?: PartWriter): string {
    if (pieces.length === 1) return pieces[0]!.tensor;
    const rank = pieces[0]!.box.length;
    const starts = (axis: number): number[] => [...new Set(pieces.map(({ box }) => box[axis]!.first))].sort((a, b) => a - b);
    const axis = Array.from({ length: rank }, (_, index) => index).find((index) => starts(index).length > 1)!;
    const rows = starts(axis).map((start) => {
      const row = pieces.filter(({ box }) => box[axis]!.first === start);
      this.#joins += 1;
      return this.#assemble(row, `${output}.row${this.#joins}`, reader);
    });
    const node = this.#writer.join('Concat', rows, output, axis);
    reader?.add(node);
    return output;
  }
}
