import { html } from "htm/preact";
import type { VNode } from "preact";
import { type FailedPanel, numberIn, objectIn, type Panel, textIn } from "../api/shapes.ts";
import { command } from "../parts/command.ts";
import { mark } from "../parts/mark.ts";
import type { Column } from "../parts/row_table.ts";
import { rowTable } from "../parts/row_table.ts";
import { told } from "../parts/told.ts";
import { plural } from "../parts/words.ts";

/** Wrong parts that stand open by themselves: what else the page has to say is to stay in sight. */
const MOST_SHOWN = 8;

const columns: Column[] = [
  {
    label: "Waits for it",
    isText: true,
    of: ({ values }) => textIn(values, "waits") ?? shownNumber(values),
  },
  {
    label: "What happens by itself",
    wide: true,
    of: ({ values }) => told(textIn(values, "by_itself") ?? "–"),
  },
];

function shownNumber(values: Record<string, unknown>): string {
  const waits = numberIn(values, "waits");
  return waits === null ? "–" : String(waits);
}

/** Is it running? One line in words: what is wrong first, why, and what to type. */
export function running(panel: Panel | FailedPanel | null, refresh: () => void): VNode {
  return html`
    <section class=${`hero hero-${panel === null || "error" in panel ? "unknown" : panel.state}`}
      aria-labelledby="running" aria-busy=${panel === null}>
        <h2 id="running" class="unseen">Is it running</h2>
        ${panel === null
          ? html`<p class="hero-says bone bone-line"></p>`
          : "error" in panel
          ? failed(panel)
          : shown(panel, refresh)}
      </section>
  `;
}

function shown(panel: Panel, refresh: () => void): VNode {
  const worst = objectIn(panel.summary, "worst");
  const why = textIn(worst, "why");
  const wrong = numberIn(panel.summary, "wrong") ?? 0;
  return html`<div>
    <p class="hero-says">${mark(panel.state)} <span>${told(panel.says)}</span></p>
    ${why === null || panel.says.includes(why) ? null : html`<p class="why">${told(why)}</p>`}
    ${command(textIn(panel.summary, "what_to_type") ?? textIn(worst, "what_to_type"))}
    ${
    panel.rows.length === 0
      ? null
      : html`<details class="do" open=${wrong > 1}><summary>${
        plural(numberIn(panel.summary, "parts") ?? panel.rows.length, "part")
      }, ${wrong === 0 ? "nothing wrong with any" : `something wrong with ${wrong}`}</summary>
    ${
        rowTable({
          caption: "Part",
          rows: panel.rows,
          columns,
          left: panel.rows_left ?? null,
          empty: panel.empty ?? null,
          shown: Math.min(MOST_SHOWN, Math.max(3, wrong)),
          onDone: refresh,
        })
      }</details>`
  }
  </div>`;
}

function failed({ error }: FailedPanel): VNode {
  return html`<div><p class="hero-says">${mark("unknown")} <span>${
    error.says ?? "Whether it runs could not be read."
  }</span></p><p class="hint">${error.message}</p>${command(error.what_to_type)}</div>`;
}
