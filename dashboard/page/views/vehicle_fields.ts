/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Field } from "../api/vehicle_shapes.ts";
import { act, type Outcome } from "../parts/actions.ts";
import { part } from "../parts/part.ts";
import { outward } from "../parts/row_table.ts";
import { when } from "../parts/when.ts";
import { heading, percent, valueOf } from "../parts/words.ts";

const reasons: Record<string, string> = {
  absent_at_source: "the page does not state it",
  conflict: "pages disagree",
  removed_by_hand: "a person emptied it",
};

interface Props {
  field: Field;
  vehicleId: string;
  onDone: () => void;
}

/** One value: opened, who said so, who says otherwise, and setting it by hand. */
function FieldRow({ field, vehicleId, onDone }: Props): VNode {
  const [open, setOpen] = useState(false);
  const held = valueOf(field.field, field.value);
  const doubts = field.in_conflict.length;
  return html`
    <tr class="row">
      <th
        scope="row"><button type="button" class="row-title" aria-expanded=${open} onClick=${() =>
          setOpen(!open)}>
        <span class="row-text"><span class="row-name">${heading(field.field)}</span>
        ${doubts > 0
          ? html`<span class="word word-warn">${
            doubts === 1 ? "a page disagrees" : `${doubts} pages disagree`
          }</span>`
          : null}</span>
      </button></th>
      <td class="value"><span class="clamp">${held ??
        html`<span class="hint">${
          field.why ? reasons[field.why] ?? field.why : "not known"
        }</span>`}</span></td>
      <td class="number">${field.by_hand
        ? "a person"
        : held === null
        ? "–"
        : html`<span class=${(field.confidence ?? 1) < 0.6 ? "said-bad" : ""}>${
          percent(field.confidence ?? null)
        }</span>`}</td>
      <td class="wide hint">${field.by_hand ? "by hand" : field.source ?? "–"}</td>
    </tr>
    ${open
      ? html`
        <tr class="opened">
          <td colspan="4">${details(field)}${part(FieldForm, { field, vehicleId, onDone })}</td>
        </tr>
      `
      : null}
  `;
}

function details(field: Field): VNode {
  return html`
    ${field.evidence ? html`<blockquote>${field.evidence}</blockquote>` : null}
    <dl class="facts">
      <div>
        <dt>Read</dt>
        <dd>${when(field.at)}</dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>${field.source_url ? outward(field.source_url) : field.source ?? "–"}</dd>
      </div>
      <div>
        <dt>By</dt>
        <dd>${[field.method, field.version, field.reading_way].filter(Boolean).join(", ") ||
          "–"}</dd>
      </div>
    </dl>
    ${field.in_conflict.map(({ value, confidence, source_url, evidence }) =>
      html`<div class="other" key=${`${value} ${source_url}`}>
        <p><strong>${valueOf(field.field, value)}</strong> says another page, ${
        percent(confidence ?? null)
      } sure</p>
        ${evidence ? html`<blockquote>${evidence}</blockquote>` : null}
        ${source_url ? html`<p>${outward(source_url)}</p>` : null}</div>`
    )}
  `;
}

function FieldForm({ field, vehicleId, onDone }: Props): VNode {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run = async (rpc: string, args: Record<string, unknown>) => {
    setBusy(true);
    const became = await act(rpc, { p_vehicle_id: vehicleId, p_field: field.field, ...args });
    setBusy(false);
    setOutcome(became);
    if (became.left !== "try again") onDone();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const said = String(new FormData(event.target).get("value") ?? "").trim();
    void run("operator_set_field", {
      p_value: said === "" ? null : said,
      p_seen: field.seen ?? null,
    });
  };
  return html`<form class="ask" onSubmit=${submit}>
    <label>What it is <input name="value" defaultValue=${
    field.value ?? ""
  } autocomplete="off" /></label>
    <button disabled=${busy}>Set it by hand</button>
    ${
    field.by_hand
      ? html`
        <button type="button" class="quiet" disabled=${busy}
          onClick=${() => run("operator_release_field", {})}>Give it back to the pages</button>
      `
      : null
  }
    <span role="status" class=${outcome?.good ? "said-good" : "said-bad"}>${outcome?.says}</span>
  </form>`;
}

/** The fields of a vehicle, each with what may be done to it. */
export function fieldTable(fields: Field[], vehicleId: string, onDone: () => void): VNode {
  return html`
    <div class="rows">
      <table class="held">
        <caption class="unseen">What is held</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col" class="number">Sure</th>
            <th scope="col" class="wide">From</th>
          </tr>
        </thead>
        <tbody>${fields.map((field) =>
          part(FieldRow, { field, vehicleId, onDone, key: field.field })
        )}</tbody>
      </table>
    </div>
  `;
}
