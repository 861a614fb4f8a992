/** Rows of text as a table: the first columns to the left, numbers to the right. Pure. */

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly show: (row: Row) => string;
}

/** Lines without trailing blanks, titles first. */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ show }) => show(row))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => line[index]?.length ?? 0)),
  );
  return cells.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
