/**
 * Static inference: element types, shapes and small values, from the graph inputs forward, node by node.
 *
 *     graph inputs ─┐
 *     constants ────┼─▶ rule of the operator ─▶ facts about its outputs ─▶ …      the file's own value_info is merged in
 *
 * An operator without a rule leaves its outputs unknown (but for what the file says). Model-local functions are walked through.
 */
import type { AttributeProto, FunctionProto, GraphProto, NodeProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { graphAttribute } from '../attribute.ts';
import { constantOf } from '../constants.ts';
import type { ModelGraph } from '../graph.ts';
import { domainOf, type Model } from '../model.ts';
import { tensorValues, VALUES_MAX } from '../tensor-values.ts';
import { contrib } from './contrib.ts';
import { control } from './control.ts';
import { elementwise } from './elementwise.ts';
import { type Fact, fact, factOfType, merge, type Rules, type Site, sizeOf, unknown } from './fact.ts';
import { matrix } from './matrix.ts';
import { movement } from './movement.ts';
import { quantization } from './quantization.ts';
import { recurrentRules } from './recurrent.ts';
import { reduction } from './reduction.ts';
import { reshaping } from './reshaping.ts';
import { shapeArithmetic } from './shape-arithmetic.ts';
import { window } from './window.ts';

export interface InferOptions {
  /** Size of the first dimension of every graph input that leaves it open. Without it, it stays unknown. */
  readonly batch?: number;
  /** What is known about tensors from elsewhere, by name; true together with what the file says. */
  readonly known?: Facts;
}

export type Facts = ReadonlyMap<string, Fact>;

const standard: Rules = {
  ...elementwise,
  ...window,
  ...matrix,
  ...movement,
  ...reshaping,
  ...reduction,
  ...shapeArithmetic,
  ...recurrentRules,
  ...quantization,
  ...control,
};

/** Functions that call functions, graphs within graphs. */
const DEPTH_MAX = 32;

/** Nodes looked at, each time they are: functions that call each other twice would otherwise grow without end. */
const VISITS_MAX = 1_000_000;

/** More axes than any operator has; whatever has more is not worth knowing. */
const RANK_MAX = 64;

/** Facts about every tensor of the graph. */
export function inferFacts(graph: ModelGraph, options: InferOptions = {}): Facts {
  const facts = new Map<string, Fact>();
  for (const value of graph.proto.valueInfo) facts.set(value.name, factOfType(value.type));
  const flowing = new Set(graph.inputs);
  for (const input of graph.proto.input) if (flowing.has(input.name)) facts.set(input.name, bound(factOfType(input.type), options.batch));
  for (const output of graph.proto.output) facts.set(output.name, merge(facts.get(output.name) ?? unknown, factOfType(output.type)));
  for (const [name, known] of options.known ?? []) facts.set(name, merge(facts.get(name) ?? unknown, known));
  for (const [name, tensor] of graph.constants) facts.set(name, factOfConstant(graph.model, tensor));
  for (const entry of graph.proto.sparseInitializer) {
    if (entry.values !== undefined) facts.set(entry.values.name, fact(entry.values.dataType, entry.dims.map(Number)));
  }
  const walker = new Walker(graph.model);
  for (const node of graph.nodes) walker.node(node.proto, facts, 0);
  return facts;
}

function bound(of: Fact, batch: number | undefined): Fact {
  if (batch === undefined || of.dims === undefined || of.dims[0] !== -1) return of;
  return fact(of.dtype, [batch, ...of.dims.slice(1)]);
}

function factOfConstant(model: Model, tensor: TensorProto): Fact {
  return fact(tensor.dataType, tensor.dims.map(Number), tensorValues(tensor, model.payloads.get(tensor)));
}

class Walker {
  readonly #model: Model;
  readonly #opsets: ReadonlyMap<string, number>;
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  #visits = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#opsets = new Map(model.proto.opsetImport.map((entry) => [domainOf(entry.domain), Number(entry.version)]));
    this.#functions = new Map(model.proto.functions.map((each) => [functionKey(each.domain, each.name, each.overload), each]));
  }

  /** Adds facts about the node's outputs to `facts`, merged with what is there. */
  node(node: NodeProto, facts: Map<string, Fact>, depth: number): void {
    const constant = constantOf(node);
    const found = constant === undefined ? this.#apply(node, facts, depth) : [factOfConstant(this.#model, constant)];
    node.output.forEach((name, index) => {
      const own = sane(found[index] ?? unknown);
      const declared = facts.get(name);
      if (name !== '') facts.set(name, declared === undefined ? own : merge(own, declared));
    });
  }

  #apply(node: NodeProto, facts: ReadonlyMap<string, Fact>, depth: number): readonly Fact[] {
    const domain = domainOf(node.domain);
    const called = this.#functions.get(functionKey(domain, node.opType, node.overload));
    if (depth > DEPTH_MAX || ++this.#visits > VISITS_MAX) return [];
    if (called !== undefined) return this.#call(called, node, facts, depth);
    const rules = domain === '' ? standard : domain === 'com.microsoft' ? { ...standard, ...contrib } : {};
    const site: Site = {
      node,
      opset: this.#opsets.get(domain) ?? 0,
      inputCount: node.input.length,
      input: (index) => facts.get(node.input[index] ?? '') ?? unknown,
      has: (index) => (node.input[index] ?? '') !== '',
      subgraph: (attribute, inputs) => {
        const inner = graphAttribute(node, attribute);
        return inner === undefined ? undefined : this.#inside(inner, inputs, facts, depth + 1);
      },
    };
    return Object.hasOwn(rules, node.opType) ? rules[node.opType]!(site) : [];
  }

  /** A subgraph sees the tensors around it. */
  #inside(graph: GraphProto, inputs: readonly Fact[], outer: ReadonlyMap<string, Fact>, depth: number): readonly Fact[] {
    const facts = new Map(outer);
    for (const value of graph.valueInfo) facts.set(value.name, factOfType(value.type));
    graph.input.forEach((input, index) => {
      const declared = factOfType(input.type);
      const given = inputs[index] ?? unknown;
      facts.set(input.name, fact(given.dtype || declared.dtype, given.dims));
    });
    for (const tensor of graph.initializer) facts.set(tensor.name, factOfConstant(this.#model, tensor));
    for (const node of graph.node) this.node(node, facts, depth);
    return graph.output.map((output) => merge(facts.get(output.name) ?? unknown, fact(factOfType(output.type).dtype, undefined)));
  }

  /** A function sees its arguments and nothing else. */
  #call(called: FunctionProto, caller: NodeProto, outer: ReadonlyMap<string, Fact>, depth: number): readonly Fact[] {
    const facts = new Map<string, Fact>();
    called.input.forEach((name, index) => {
      facts.set(name, outer.get(caller.input[index] ?? '') ?? unknown);
    });
    for (const node of called.node) this.node(withArguments(node, caller, called), facts, depth + 1);
    return called.output.map((name) => facts.get(name) ?? unknown);
  }
}

function functionKey(domain: string, name: string, overload: string | undefined): string {
  return `${domainOf(domain)}\n${name}\n${overload ?? ''}`;
}

/** A node of a function's body with the attributes it refers to taken from the caller, or from the function's defaults. */
function withArguments(node: NodeProto, caller: NodeProto, called: FunctionProto): NodeProto {
  if (!node.attribute.some((attribute) => attribute.refAttrName)) return node;
  const attribute = node.attribute.flatMap((each): AttributeProto[] => {
    if (!each.refAttrName) return [each];
    const given = [...caller.attribute, ...called.attributeProto].find((candidate) => candidate.name === each.refAttrName);
    return given === undefined ? [] : [{ ...given, name: each.name }];
  });
  return { ...node, attribute };
}

/** Numbers from a broken file must not become sizes, and shape arithmetic must not grow. */
function sane(of: Fact): Fact {
  const values = of.values !== undefined && of.values.length <= VALUES_MAX ? of.values : undefined;
  if (of.dims === undefined || of.dims.length > RANK_MAX) return fact(of.dtype, undefined, values);
  return fact(of.dtype, of.dims.map(sizeOf), values);
}
