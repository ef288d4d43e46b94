/** Matrix products: Gemm and MatMul, by rows and columns of the result, or by a part of the inner dimension (partial sums). */
import { intAttribute } from '../attribute.ts';
import { type Box, wholeBox, withAxes } from './box.ts';
import { type Interval, wholeOf } from './interval.ts';
import { inputDims, laidOver, type Site, type View, type ViewRule } from './view.ts';

export const gemm: ViewRule = (site, wanted) => {
  const [rows, columns] = [wanted[0]!, wanted[1]!];
  const { left, right, inner } = gemmAxes(site);
  const bias = inputDims(site, 2);
  return {
    output: wanted,
    inputs: [
      withAxes([rows, rows], { [left]: wholeOf(inner) }),
      withAxes([columns, columns], { [right]: wholeOf(inner) }),
      bias === undefined ? 'none' : laidOver(wanted, bias),
    ],
    gathers: [],
  };
};

/** Rank 2 or more on both sides. */
export const matMul: ViewRule = (site, wanted) => {
  const [a, b] = [inputDims(site, 0)!, inputDims(site, 1)!];
  if (a.length < 2 || b.length < 2) return undefined;
  const batch = wanted.slice(0, -2);
  const [rows, columns, inner] = [wanted.at(-2)!, wanted.at(-1)!, wholeOf(a.at(-1)!)];
  return {
    output: wanted,
    inputs: [
      [...laidOver(batch, a.slice(0, -2)), rows, inner],
      [...laidOver(batch, b.slice(0, -2)), inner, columns],
    ],
    gathers: [],
  };
};

/** Axes of the inner dimension on the left and right side, and its size. */
export function innerAxes(site: Site): { readonly left: number; readonly right: number; readonly inner: number } {
  if (site.node.operator === 'Gemm') return gemmAxes(site);
  const [a, b] = [inputDims(site, 0)!, inputDims(site, 1)!];
  return { left: a.length - 1, right: b.length - 2, inner: a.at(-1)! };
}

/** One part of the inner dimension: its results are summands of the whole's. `first`: the one that has the bias. */
export function partialProduct(site: Site, part: Interval, first: boolean): View {
  const { left, right } = innerAxes(site);
  const side = (position: number, axis: number): Box => withAxes(wholeBox(inputDims(site, position)!), { [axis]: part });
  return {
    output: wholeBox(site.facts.get(site.node.proto.output[0]!)!.dims!),
    inputs: [side(0, left), side(1, right), first ? 'whole' : 'none'],
    gathers: [],
  };
}

function gemmAxes(site: Site) {
  const transposed = (name: string): boolean => intAttribute(site.node.proto, name, 0) === 1;
  const left = transposed('transA') ? 0 : 1;
  return { left, right: transposed('transB') ? 1 : 0, inner: inputDims(site, 0)![left]! };
}
