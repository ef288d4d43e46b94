/**
 * Reading the attributes of a node. A missing attribute gives the fallback, as the operator's definition does.
 */
import type { GraphProto, NodeProto, TensorProto } from '../proto/gen/onnx/onnx.ts';

export function intAttribute(node: NodeProto, name: string): number | undefined;
export function intAttribute(node: NodeProto, name: string, fallback: number): number;
export function intAttribute(node: NodeProto, name: string, fallback?: number): number | undefined {
  const value = find(node, name)?.i;
  return value === undefined ? fallback : Number(value);
}

export function intsAttribute(node: NodeProto, name: string): readonly number[] | undefined {
  const attribute = find(node, name);
  return attribute === undefined ? undefined : attribute.ints.map(Number);
}

export function floatAttribute(node: NodeProto, name: string): number | undefined {
  return find(node, name)?.f;
}

export function floatsAttribute(node: NodeProto, name: string): readonly number[] | undefined {
  return find(node, name)?.floats;
}

export function stringAttribute(node: NodeProto, name: string, fallback: string): string {
  return find(node, name)?.s?.toString() ?? fallback;
}

export function tensorAttribute(node: NodeProto, name: string): TensorProto | undefined {
  return find(node, name)?.t;
}

export function graphAttribute(node: NodeProto, name: string): GraphProto | undefined {
  return find(node, name)?.g;
}

export function hasAttribute(node: NodeProto, name: string): boolean {
  return find(node, name) !== undefined;
}

/** The graphs inside a node: the branches of If, the bodies of Loop and Scan. */
export function subgraphsOf(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap((attribute) => (attribute.g === undefined ? attribute.graphs : [attribute.g, ...attribute.graphs]));
}

function find(node: NodeProto, name: string) {
  return node.attribute.find((attribute) => attribute.name === name);
}
