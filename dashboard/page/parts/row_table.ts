/// <reference lib="dom" />
import { html } from "htm/preact";
import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import type { Row } from "../api/shapes.ts";
import { actionsOf, type Outcome } from "./actions.ts";
import { command } from "./command.ts";
import { dot } from "./mark.ts";
import { part } from "./part.ts";
import { told } from "./told.ts";
import { when } from "./when.ts";
import { count } from "./words.ts";

/** A column besides the first, which says what the row is and how it stands. */
export interface Column {
  label: string;
  of: (row: Row) => ComponentChildren;
  /** Words and no number: they stand on the left. */
  isText?: boolean;
  /** Only the opened row shows it. */
  wide?: boolean;
}

interface Props {
  /** What the rows are, for who cannot see the heading. */
  caption: string;
  rows: Row[];
  columns: Column[];
  /** More rows than these exist: how many. */
  left: number | null;
  /** What it means that there are none. */
  empty: string | null;
  /** Rows shown before somebody asks for all. */
  shown?: number;
  onDone: () => void;
}

function RowTable(props: Props): VNode {
  const { rows, columns, left, shown = 5 } = props;
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const [last, setLast] = useState<{ key: string; outcome: Outcome } | null>(null);
  const onDone = (key: string) => (outcome: Outcome) => {
    setLast({ key, outcome });
    props.onDone();
  };
  // Its row says it itself, as long as it is there.
  const said = last === null || rows.some(({ key }) => key === last.key) ? null : last.outcome;
  if (rows.length === 0) {
    return html`<div class="rows">${saidLine(said)}
      <p class="empty">${props.empty ?? "There is nothing."}</p></div>`;
  }
  const visible = all ? rows : rows.slice(0, shown);
  const more = left ?? 0;
  const seen = columns.filter(({ wide }) => !wide);
  return html`<div class="rows">
    ${saidLine(said)}
    <table>
      <caption class="unseen">${props.caption}</caption>
      <thead><tr><th scope="col">${props.caption}</th>${
    seen.map(({ label, isText }) =>
      html`<th scope="col" key=${label} class=${isText ? "words" : "number"}>${label}</th>`
    )
  }</tr></thead>
      <tbody>${
    visible.flatMap((row) => [
      line(row, seen, open === row.key, () => setOpen(open === row.key ? null : row.key)),
      open === row.key ? opened(row, columns, onDone(row.key)) : null,
    ])
  }</tbody>
    </table>
    ${
    rows.length > shown
      ? html`
        <button type="button" class="quiet more" aria-expanded=${all}
          onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${count(rows.length)}`}</button>
      `
      : null
  }
    ${all && more > 0 ? html`<p class="hint">and ${count(more)} more, which SQL shows</p>` : null}
  </div>`;
}

function saidLine(said: Outcome | null): VNode {
  return html`<p role="status" class=${
    said === null ? "unseen" : said.good ? "said-good" : "said-bad"
  }>${said?.says}</p>`;
}

function line(row: Row, columns: Column[], isOpen: boolean, toggle: () => void): VNode {
  return html`<tr key=${row.key} class=${isOpen ? "row row-open" : "row"}>
    <th scope="row">
      <button type="button" class="row-title" aria-expanded=${isOpen} onClick=${toggle}>
        ${dot(row.state)}<span class="row-text"><span class="row-name">${
    told(row.title).replace(/^https?:\/\//, "")
  }</span>
        ${row.word ? html`<span class=${`word word-${row.state}`}>${row.word}</span>` : null}</span>
      </button>
    </th>
    ${
    columns.map(({ label, of, isText }) =>
      html`<td key=${label} class=${isText ? "words" : "number"}>${of(row)}</td>`
    )
  }
  </tr>`;
}

function opened(row: Row, columns: Column[], onDone: (outcome: Outcome) => void): VNode {
  const facts: [string, ComponentChildren][] = [
    ...(row.since ? [["Since", when(row.since)] satisfies [string, ComponentChildren]] : []),
    ...(row.until ? [["Until", when(row.until)] satisfies [string, ComponentChildren]] : []),
    ...columns.filter(({ wide }) => wide)
      .map(({ label, of }): [string, ComponentChildren] => [label, of(row)])
      .filter(([, value]) => value !== "–"),
  ];
  return html`
    <tr key=${`${row.key} opened`} class="opened">
      <td colspan=${columns.filter(({ wide }) => !wide).length + 1}>
        ${row.says ? html`<p>${told(row.says)}</p>` : null}
        ${row.why && !row.says?.includes(row.why)
          ? html`<p class="why">${told(row.why)}</p>`
          : null}
        <dl class="facts">${facts.map(([label, value]) =>
          html`
            <div key=${label}>
              <dt>${label}</dt>
              <dd>${value}</dd>
            </div>
          `
        )}</dl>
        ${linkOf(row)}
        ${command(row.what_to_type)}
        ${actionsOf(row.actions, onDone)}
      </td>
    </tr>
  `;
}

/** Where the row leads: a vehicle's page, or an address that somebody else chose. */
function linkOf(row: Row): VNode | null {
  if (row.link?.vehicle) {
    return html`<p><a href=${`#/vehicle/${row.link.vehicle}`}>Open the vehicle</a></p>`;
  }
  return row.link?.url ? html`<p>${outward(row.link.url)}</p>` : null;
}

/** A link to a listing; text where the address is none that a browser should follow. */
export function outward(url: string): VNode {
  if (!/^https?:\/\//i.test(url)) return html`<span class="address">${url}</span>`;
  return html`
    <a class="address" href=${url} target="_blank"
      rel="noopener noreferrer nofollow">${url}</a>
  `;
}

/** Rows as a table; each opens to why, what to type, and its buttons. */
export function rowTable(props: Props): VNode {
  return part(RowTable, props);
}
