/**
 * From floats to small integers and back. An element type comes from the zero point, or from an attribute, or is the documented default.
 */
import { intAttribute } from '../attribute.ts';
import { FLOAT, fact, type Rule, type Rules, UINT8 } from './fact.ts';

const quantize: Rule = (site) => {
  const named = intAttribute(site.node, 'output_dtype', 0);
  const dtype = site.has(2) ? site.input(2).dtype : named === 0 ? UINT8 : named;
  return [fact(dtype, site.input(0).dims)];
};

export const quantization: Rules = {
  QuantizeLinear: quantize,
  DequantizeLinear: (site) => [fact(site.input(1).dtype, site.input(0).dims)],
  DynamicQuantizeLinear: (site) => [fact(UINT8, site.input(0).dims), fact(FLOAT, []), fact(UINT8, [])],
};
