interface OpenTable {
  /** Headings by column, of the latest row that has only headings. */
  headers: string[];
  row: string[];
  column: number;
  /** Whether the current row has cells that are no headings. */
  data: boolean;
  cell: "td" | "th" | null;
}

const MOST_COLUMNS = 50;
const MOST_DEPTH = 20;

/** Follows the tables of a page that is read, and knows the heading above the current cell. */
export class TableColumns {
  private readonly tables: OpenTable[] = [];

  open(tag: string): void {
    if (tag === "table" && this.tables.length < MOST_DEPTH) {
      this.tables.push({ headers: [], row: [], column: -1, data: false, cell: null });
      return;
    }
    const table = this.tables.at(-1);
    if (table === undefined) return;
    if (tag === "tr") {
      if (!table.data && table.row.length > 1) table.headers = table.row;
      [table.row, table.column, table.data] = [[], -1, false];
    } else if (tag === "td" || tag === "th") {
      table.column++;
      table.cell = tag;
      table.data ||= tag === "td";
    }
  }

  close(tag: string): void {
    const table = this.tables.at(-1);
    if (tag === "table") this.tables.pop();
    else if (table !== undefined && (tag === "td" || tag === "th")) table.cell = null;
  }

  text(piece: string): void {
    const table = this.tables.at(-1);
    if (table?.cell !== "th" || table.column >= MOST_COLUMNS) return;
    const before = table.row[table.column];
    table.row[table.column] = (before === undefined ? piece : `${before} ${piece}`).slice(0, 60);
  }

  /** The heading of the column that is read; null outside a table with headings. */
  header(): string | null {
    const table = this.tables.at(-1);
    return table?.cell === "td" ? table.headers[table.column] ?? null : null;
  }
}
