import type { ComponentChildren } from "preact";
import type { Panel, State } from "../api/shapes.ts";
import type { Column } from "../parts/row_table.ts";

/** A number of a panel that is seen before its rows. */
export interface Stat {
  label: string;
  value: ComponentChildren;
  /** What it is measured against. */
  note?: ComponentChildren;
  /** Where the number itself is good or bad. */
  state?: State;
}

/** How one panel is shown; what it holds comes from the database. */
export interface PanelDefinition {
  name: string;
  title: string;
  /** The question that it answers. */
  question: string;
  /** What its rows are. */
  rows: string;
  stats: (panel: Panel) => Stat[];
  columns: Column[];
  /** Whether rows with which something is wrong stand first, whatever their order. */
  worstFirst?: boolean;
  /** The series that are drawn, by name, in this order. */
  charts: string[];
  /** What is shown between the numbers and the rows. */
  between?: (panel: Panel, refresh: () => void) => ComponentChildren;
  /** What is shown below the rows: something to do. */
  below?: (panel: Panel, refresh: () => void) => ComponentChildren;
}
