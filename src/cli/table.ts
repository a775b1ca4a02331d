// Columns for people: as wide as their widest cell, the last one unpadded.

/** Lines of a table. Numbers may be right-aligned by their column's index. */
export function tableLines(rows: readonly (readonly string[])[], rightAligned: readonly number[] = []): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows.map((row) => row.map((cell, column) => (rightAligned.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd());
}
