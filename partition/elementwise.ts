/** Operators that make each element of their output from the elements at the same place of their inputs. */

/** Of one tensor, with nothing beside it but numbers that are the same for all elements. */
export const unary: ReadonlySet<string> = new Set([
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Cast', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh', 'Dropout'],
  ...['Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'Identity', 'IsInf', 'IsNaN', 'LeakyRelu', 'Log', 'Mish', 'Neg'],
  ...['Not', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Tan'],
  ...['Tanh', 'ThresholdedRelu'],
]);

/** Of several tensors that are laid over each other (numpy's broadcasting). */
export const broadcasting: ReadonlySet<string> = new Set([
  ...['Add', 'And', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Div', 'Equal', 'Greater', 'GreaterOrEqual', 'Less'],
  ...['LessOrEqual', 'Max', 'Mean', 'Min', 'Mod', 'Mul', 'Or', 'PRelu', 'Pow', 'Sub', 'Sum', 'Where', 'Xor'],
]);
