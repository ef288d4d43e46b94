/**
 * If, Loop and Scan: what is known about their outputs follows from the graphs inside them.
 */
import { intAttribute, intsAttribute } from '../attribute.ts';
import { axisOf, BOOL, common, type Fact, fact, INT64, type Rule, type Rules, unknown } from './fact.ts';

const branch: Rule = (site) => {
  const [yes, no] = [site.subgraph('then_branch', []), site.subgraph('else_branch', [])];
  return yes?.map((each, index) => common(each, no?.[index] ?? unknown)) ?? [];
};

/** Only the element type of what is carried around is known: its shape may change from one turn to the next. */
function carried(of: Fact): Fact {
  return fact(of.dtype, undefined);
}

const loop: Rule = (site) => {
  const states = Array.from({ length: Math.max(0, site.inputCount - 2) }, (_, index) => carried(site.input(index + 2)));
  const body = site.subgraph('body', [fact(INT64, []), fact(BOOL, []), ...states]) ?? [];
  return body.slice(1).map((each, index) => (index < states.length ? carried(each) : fact(each.dtype, each.dims && [-1, ...each.dims])));
};

const scan: Rule = (site) => {
  const scanned = intAttribute(site.node, 'num_scan_inputs', 0);
  const stateCount = Math.max(0, site.inputCount - scanned);
  const axes = intsAttribute(site.node, 'scan_input_axes') ?? [];
  const outAxes = intsAttribute(site.node, 'scan_output_axes') ?? [];
  const states = Array.from({ length: stateCount }, (_, index) => site.input(index));
  let length = -1;
  const slices = Array.from({ length: scanned }, (_, index) => {
    const { dtype, dims } = site.input(stateCount + index);
    const axis = dims === undefined ? undefined : axisOf(axes[index] ?? 0, dims.length);
    if (dims === undefined || axis === undefined) return fact(dtype, undefined);
    length = dims[axis] === -1 ? length : dims[axis]!;
    return fact(
      dtype,
      dims.filter((_, each) => each !== axis),
    );
  });
  const body = site.subgraph('body', [...states, ...slices]) ?? [];
  return body.map((each, index) => {
    if (index < stateCount || each.dims === undefined) return fact(each.dtype, each.dims);
    const axis = axisOf(outAxes[index - stateCount] ?? 0, each.dims.length + 1);
    return fact(each.dtype, axis === undefined ? undefined : [...each.dims.slice(0, axis), length, ...each.dims.slice(axis)]);
  });
};

export const control: Rules = { If: branch, Loop: loop, Scan: scan };
