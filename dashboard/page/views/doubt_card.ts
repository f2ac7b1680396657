import { html } from "htm/preact";
import type { VNode } from "preact";
import type { Doubt } from "../api/vehicle_shapes.ts";
import { outward } from "../parts/row_table.ts";
import { snapshotPanel } from "../parts/snapshot.ts";
import { when } from "../parts/when.ts";
import { heading, percent, valueOf } from "../parts/words.ts";

const kinds: Record<string, string> = {
  conflict: "A page says otherwise than what is held",
  unsure: "Held, and too unsure to count",
  audit: "Drawn at random: is it what the page says, and true?",
};

/** One value in doubt, beside what is held, with the words that state each. */
export function doubtCard(row: Doubt, page: boolean): VNode {
  const { held } = row;
  return html`<article class="panel doubt" key=${row.id} aria-labelledby="doubt">
    <p class="question">${
    row.kind === "audit" ? kinds.audit : row.why ?? kinds[row.kind] ?? row.kind
  }</p>
    <h2 id="doubt">${heading(row.field)} of <a href=${`#/vehicle/${row.vehicle_id}`}>${
    row.title || "a vehicle"
  }</a></h2>
    <div class="sides">
      <div class="side side-new"><h3>${held ? "The page says" : "Held"}</h3>
        <p class="side-value">${valueOf(row.field, row.value) ?? "–"}</p>
        <p>${percent(row.confidence ?? null)} sure <span class="hint">${
    row.reading_way ?? row.method
  }</span></p>
        ${
    row.evidence
      ? html`<blockquote>${row.evidence}</blockquote>`
      : html`<p class="hint">no words were kept</p>`
  }
        <p class="hint">${row.source_url ? outward(row.source_url) : null} read ${
    when(row.read_at)
  }</p></div>
      ${
    held
      ? html`<div class="side"><h3>Held</h3>
        <p class="side-value">${valueOf(row.field, held.value) ?? "–"}</p>
        <p>${percent(held.confidence ?? null)} sure <span class="hint">${held.source}</span></p>
        ${
        held.evidence
          ? html`<blockquote>${held.evidence}</blockquote>`
          : html`<p class="hint">no words were kept</p>`
      }
        <p class="hint">${held.source_url ? outward(held.source_url) : null}</p></div>`
      : null
  }
    </div>
    ${page ? snapshotPanel(row.snapshot, [row.evidence, row.value, held?.value]) : null}
  </article>`;
}
