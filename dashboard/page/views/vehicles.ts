/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import type { Trouble } from "../api/call.ts";
import { useAnswer } from "../api/ask.ts";
import { foundSchema } from "../api/vehicle_shapes.ts";
import { troubleNotice } from "../parts/trouble.ts";
import { when } from "../parts/when.ts";
import { count } from "../parts/words.ts";

interface Props {
  text: string;
  onTrouble: (trouble: Trouble) => void;
}

/** Finding a vehicle. */
export function VehiclesView({ text, onTrouble }: Props): VNode {
  const args = text === "" ? null : { p_text: text };
  const { value: found, trouble } = useAnswer("dashboard_find", args, foundSchema, onTrouble);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const wanted = String(new FormData(event.target).get("text") ?? "").trim();
    location.hash = `#/vehicles/${encodeURIComponent(wanted)}`;
  };
  return html`
    <h1>Find a vehicle</h1>
    <form class="search" role="search" onSubmit=${submit}>
      <label class="unseen" for="sought">VIN, id, address of a listing, or words</label>
      <input id="sought" name="text" type="search" defaultValue=${text} autocomplete="off"
        placeholder="VIN, id, address of a listing, or words such as 1990 BMW M3" />
      <button class="main">Find</button>
    </form>
    ${troubleNotice(trouble)}
    ${text === ""
      ? html`<p class="empty">A VIN, an id or an address finds one vehicle; words find the newest that fit.</p>`
      : found === null
      ? trouble === null ? html`<p class="hint" role="status">Looking…</p>` : null
      : results(found.rows, found.says)}
  `;
}

function results(
  rows: {
    vehicle_id: string;
    title?: string | null;
    vin?: string | null;
    score?: number | null;
    state?: string | null;
    host?: string | null;
    created_at?: string | null;
  }[],
  says: string | null | undefined,
): VNode {
  return html`<section aria-label="Found">
    <p class="hint" role="status">${says}</p>
    ${
    rows.length === 0
      ? html`
        <p
          class="empty">No vehicle fits. A listing that should be here may wait in a queue: see Queues on the overview.</p>
      `
      : html`<ul class="found">${
        rows.map((row) =>
          html`<li key=${row.vehicle_id}><a href=${`#/vehicle/${row.vehicle_id}`}>
          <b>${row.title || "Without a title"}</b>
          <span class="hint">${[row.vin, row.host, row.state].filter(Boolean).join(" · ")}</span>
          <span class="found-score">${count(row.score ?? null)} <small>of 100</small></span>
          <span class="hint">${when(row.created_at)}</span></a></li>`
        )
      }</ul>`
  }</section>`;
}
