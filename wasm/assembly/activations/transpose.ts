/**
 * Columns become rows, so that the values of one column (the channel of a transformer's token) follow each other. 4-byte elements, four by
 * four in registers; what is left over at the edges goes one by one.
 */
export function transpose(src: usize, rows: usize, columns: usize, dst: usize): void {
  const wholeRows: usize = ASC_FEATURE_SIMD ? rows & ~3 : 0;
  const wholeColumns: usize = ASC_FEATURE_SIMD ? columns & ~3 : 0;
  if (ASC_FEATURE_SIMD) {
    const from = columns * 4;
    const to = rows * 4;
    for (let column: usize = 0; column < wholeColumns; column += 4) {
      for (let row: usize = 0; row < wholeRows; row += 4) {
        const at = src + (row * columns + column) * 4;
        const a = v128.load(at);
        const b = v128.load(at + from);
        const c = v128.load(at + 2 * from);
        const d = v128.load(at + 3 * from);
        const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
        const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
        const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
        const there = dst + (column * rows + row) * 4;
        v128.store(there, i64x2.shuffle(ab0, cd0, 0, 2));
        v128.store(there + to, i64x2.shuffle(ab0, cd0, 1, 3));
        v128.store(there + 2 * to, i64x2.shuffle(ab1, cd1, 0, 2));
        v128.store(there + 3 * to, i64x2.shuffle(ab1, cd1, 1, 3));
      }
    }
  }
  edge(src, rows, columns, dst, wholeRows, rows, 0, columns);
  edge(src, rows, columns, dst, 0, wholeRows, wholeColumns, columns);
}

function edge(
  src: usize,
  rows: usize,
  columns: usize,
  dst: usize,
  rowFrom: usize,
  rowTo: usize,
  columnFrom: usize,
  columnTo: usize,
): void {
  for (let row = rowFrom; row < rowTo; row++) {
    for (let column = columnFrom; column < columnTo; column++) {
      store<u32>(dst + (column * rows + row) * 4, load<u32>(src + (row * columns + column) * 4));
    }
  }
}
