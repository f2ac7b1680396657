import { html } from "htm/preact";
import type { ComponentChildren, VNode } from "preact";
import type { FailedPanel, Panel, Row } from "../api/shapes.ts";
import type { PanelDefinition, Stat } from "../panels/definition.ts";
import { chart } from "./chart.ts";
import { command } from "./command.ts";
import { mark } from "./mark.ts";
import { rowTable } from "./row_table.ts";
import { told } from "./told.ts";

/** One panel; null while nothing has come yet: its room is kept, so that nothing jumps. */
export function panelCard(
  definition: PanelDefinition,
  panel: Panel | FailedPanel | null,
  refresh: () => void,
): VNode {
  const { name, title, question } = definition;
  const id = `panel-${name}`;
  return html`
    <section key=${name} class=${`panel panel-${name}`} aria-labelledby=${id}
      aria-busy=${panel === null}>
        <header><h2 id=${id}>${title}</h2>
          ${panel === null || "error" in panel ? null : mark(panel.state)}
          <p class="question">${question}</p></header>
        ${panel === null
          ? skeleton()
          : "error" in panel
          ? broken(panel)
          : whole(definition, panel, refresh)}
      </section>
  `;
}

function whole(definition: PanelDefinition, panel: Panel, refresh: () => void): ComponentChildren {
  const { stats, charts, rows, columns, between, below } = definition;
  return html`
    <p class="says">${told(panel.says)}</p>
    ${tiles(stats(panel))}
    ${between?.(panel, refresh)}
    ${charts.map((name) => chart(panel.series.find((series) => series.name === name)))}
    ${rowTable({
      caption: rows,
      rows: definition.worstFirst ? worstFirst(panel.rows) : panel.rows,
      columns,
      left: panel.rows_left ?? null,
      empty: panel.empty ?? null,
      onDone: refresh,
    })}
    ${below?.(panel, refresh)}
  `;
}

const SEVERITY = { bad: 0, warn: 1, ok: 2, idle: 2, unknown: 2 };

function worstFirst(rows: Row[]): Row[] {
  return rows.toSorted((a, b) => SEVERITY[a.state] - SEVERITY[b.state]);
}

function tiles(stats: Stat[]): VNode {
  return html`<dl class=${stats.length === 4 ? "stats stats-four" : "stats"}>${
    stats.map(tile)
  }</dl>`;
}

function tile({ label, value, note, state }: Stat): VNode {
  return html`
    <div key=${label} class=${state === undefined ? "stat" : `stat stat-${state}`}>
      <dt>${label}</dt>
      <dd><b>${value}</b>${note === undefined ? null : html`<small>${note}</small>`}</dd>
    </div>
  `;
}

function broken({ error }: FailedPanel): VNode {
  return html`<div class="notice notice-bad">
    <p><strong>${error.says ?? "The database could not make this panel."}</strong></p>
    ${error.says?.includes(error.message) ? null : html`<p class="hint">${error.message}</p>`}
    ${command(error.what_to_type)}
    <p class="hint">The other panels are not affected.</p>
  </div>`;
}

function skeleton(): VNode {
  return html`<div class="skeleton" role="status"><span class="unseen">Loading</span>
    <i class="bone bone-line"></i><i class="bone bone-stats"></i><i class="bone bone-chart"></i>
    <i class="bone bone-rows"></i></div>`;
}
