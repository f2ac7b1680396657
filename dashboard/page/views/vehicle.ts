/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Trouble } from "../api/call.ts";
import { useAnswer } from "../api/ask.ts";
import { type Vehicle, vehicleSchema } from "../api/vehicle_shapes.ts";
import { actionsOf } from "../parts/actions.ts";
import { picture } from "../parts/picture.ts";
import { outward } from "../parts/row_table.ts";
import { snapshotPanel } from "../parts/snapshot.ts";
import { troubleNotice } from "../parts/trouble.ts";
import { when } from "../parts/when.ts";
import { count, heading, valueOf } from "../parts/words.ts";
import { fieldTable } from "./vehicle_fields.ts";
import {
  candidateList,
  commentList,
  deedList,
  disagreements,
  historyTable,
  listingList,
  queueList,
} from "./vehicle_parts.ts";

interface Props {
  id: string;
  onTrouble: (trouble: Trouble) => void;
}

/** All that is known of one vehicle, and from where. */
export function VehicleView({ id, onTrouble }: Props): VNode {
  const { value: known, trouble, again } = useAnswer(
    "dashboard_vehicle",
    { p_id: id },
    vehicleSchema,
    onTrouble,
  );
  if (known === null) {
    return html`<h1>Vehicle</h1>${troubleNotice(trouble)}
      ${trouble === null ? html`<p class="hint" role="status">Reading…</p>` : null}`;
  }
  if (known.vehicle === null) {
    return html`
      <h1>Vehicle</h1>
      <p class="empty">${known.says ?? "No vehicle has this id."} ${known.merged_into
        ? html`<a href=${`#/vehicle/${known.merged_into}`}>It was merged into this one.</a>`
        : html`<a href="#/vehicles">Find another.</a>`}</p>
    `;
  }
  return whole(known, known.vehicle, trouble, again);
}

function whole(
  known: Vehicle,
  vehicle: NonNullable<Vehicle["vehicle"]>,
  trouble: Trouble | null,
  again: () => void,
): VNode {
  const title = vehicle.title || "A vehicle without a title";
  const address = vehicle.listing_url ?? vehicle.discovery_url;
  return html`
    ${troubleNotice(trouble)}
    <div class="vehicle-head">
      <h1>${title}</h1>
      <p class="hint">${vehicle.sale_status
        ? `${vehicle.sale_status.replaceAll("_", " ")} · `
        : ""}here since ${when(vehicle.created_at)} · changed ${when(vehicle.updated_at)}</p>
      ${address ? html`<p>${outward(address)}</p>` : null}
      ${actionsOf([{
        label: "Look at it again",
        rpc: "operator_reopen",
        args: { p_vehicle_id: vehicle.id },
      }], again)}
    </div>
    <div class="vehicle">
      <div class="vehicle-main">
        ${disagreements(known)} ${candidateList(known, again)} ${scoreCard(known)}
        <section class="panel" aria-labelledby="held"><header><h2 id="held">What is held</h2>
          <p class="question">Each value, from where, how sure, and the words that state it</p></header>
          ${fieldTable(known.fields, vehicle.id, again)}</section>
        ${historyTable(known)}
      </div>
      <div class="vehicle-side">
        ${gallery(known, title)}
        <${Compare} known=${known} />
        ${listingList(known)}
        ${queueList(known)}
        ${deedList(known)} ${commentList(known)}
      </div>
    </div>
  `;
}

function scoreCard({ score }: Vehicle): VNode | null {
  if (!score) return null;
  const lists: [string, string[]][] = [
    ["Missing", score.missing],
    ["Too unsure to count", score.unsure],
    ["Wrong with it", score.issues.filter((issue) => !/^missing/.test(issue))],
  ];
  return html`
    <section class="panel" aria-labelledby="score">
      <header>
        <h2 id="score">Score</h2>
        <p class="question">${score.complete
          ? "complete"
          : "85 and more, with year, make and model, is complete"}</p>
      </header>
      <p class="score"><b>${count(score.overall ?? null)}</b> of 100
          <meter min="0" max="100" low="50" high="85" optimum="100" value=${score.overall ??
            0} aria-hidden="true"></meter></p>
      <dl class="facts">${lists.filter(([, names]) => names.length > 0).map(([label, names]) =>
        html`
          <div key=${label}>
            <dt>${label}</dt>
            <dd>${names.map(heading).join(", ")}</dd>
          </div>
        `
      )}</dl>
    </section>
  `;
}

const FEW_PICTURES = 6;

function gallery({ images, image_downloads }: Vehicle, title: string): VNode {
  const stored = images.filter(({ path, bucket }) => path && bucket);
  const facts = Object.entries(image_downloads ?? {})
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0);
  return html`<section class="panel" aria-labelledby="pictures"><header><h2 id="pictures">Pictures</h2>
      <p class="question">${facts.map(([name, n]) => `${count(n)} ${name}`).join(", ")}</p></header>
    ${
    stored.length === 0
      ? html`<p class="empty">None is stored yet.</p>`
      : html`<div class="pictures">${
        stored.slice(0, FEW_PICTURES).map((image) => picture(image, title))
      }</div>`
  }</section>`;
}

/** The pages that were kept, one of which is shown, with what is held marked in it. */
function Compare({ known }: { known: Vehicle }): VNode {
  const [shown, setShown] = useState<string | null>(null);
  const chosen = known.snapshots.find(({ id }) => id === shown);
  const marked = known.fields
    .flatMap(({ field, value, evidence }) => [evidence, value, valueOf(field, value)])
    .filter((text) => (text?.length ?? 0) > 3);
  return html`
    <section class="panel"
      aria-labelledby="compare"><header><h2 id="compare">The page that was read</h2>
          <p class="question">As text, with what was read from it marked</p></header>
        ${known.snapshots.length === 0
          ? html`<p class="empty">No page of it was kept.</p>`
          : html`<ul class="plain">${
            known.snapshots.map(({ id, url, fetched_at }) =>
              html`<li key=${id}><button type="button" aria-expanded=${shown === id}
            onClick=${() => setShown(shown === id ? null : id)}>${
                shown === id ? "Close" : "Compare"
              }</button> ${when(fetched_at)} <span class="hint address">${url}</span></li>`
            )
          }</ul>`}
        ${snapshotPanel(chosen, marked)}
      </section>
  `;
}
