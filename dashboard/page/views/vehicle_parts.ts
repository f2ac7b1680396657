/** The parts of a vehicle's page that only show. */
import { html } from "htm/preact";
import type { ComponentChildren, VNode } from "preact";
import type { Vehicle } from "../api/vehicle_shapes.ts";
import { actionsOf } from "../parts/actions.ts";
import { outward } from "../parts/row_table.ts";
import { when } from "../parts/when.ts";
import { count, heading, percent, plural, valueOf } from "../parts/words.ts";

function section(id: string, title: string, question: string, content: ComponentChildren): VNode {
  return html`<section class="panel" aria-labelledby=${id}>
    <header><h2 id=${id}>${title}</h2><p class="question">${question}</p></header>${content}</section>`;
}

/** Every value that was ever read, and what became of it. */
export function historyTable({ history, history_left }: Vehicle): VNode {
  return section(
    "history",
    "History",
    "Every value that was read, and what became of it",
    history.length === 0
      ? html`<p class="empty">No page of it was read yet.</p>`
      : html`<details class="do">
      <summary>${count(history.length)} readings</summary>
      <div class="rows"><table><caption class="unseen">History</caption>
      <thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">Became</th>
        <th scope="col" class="number">Sure</th><th scope="col" class="wide">When</th></tr></thead>
      <tbody>${
        history.map((one) =>
          html`
            <tr key=${one.id}>
              <th scope="row">${heading(one.field)}</th>
              <td class="value">${one.value ?? "–"}${one.previous_value
                ? html`
                  <small class="hint">was ${one.previous_value}</small>
                `
                : null}</td>
              <td>${one.status?.replaceAll("_", " ")}</td>
              <td class="number">${percent(one.confidence ?? null)}</td>
              <td class="wide">${when(one.extracted_at)}</td>
            </tr>
          `
        )
      }</tbody></table></div>
      ${history_left ? html`<p class="hint">and ${count(history_left)} older</p>` : null}
    </details>`,
  );
}

export function listingList({ listings }: Vehicle): VNode {
  return section(
    "listings",
    "Listings",
    "Where it is or was offered",
    listings.length === 0
      ? html`<p class="empty">None is known.</p>`
      : html`<ul class="plain">${
        listings.map((one) =>
          html`<li key=${one.url}>
        <p><b>${one.title ?? one.host}</b> ${one.status?.replaceAll("_", " ")} ${
            one.price == null ? "" : `${count(one.price)} ${one.currency ?? ""}`
          }</p>
        <p>${outward(one.url)}</p>
        <p class="hint">seen ${when(one.first_seen_at)} to ${when(one.last_seen_at)}${
            one.ended_at ? html`, ended ${when(one.ended_at)} ${one.ended_because}` : null
          }</p>
        ${
            one.events.length === 0
              ? null
              : html`<ol class="events">${
                one.events.map((event, n) =>
                  html`<li key=${n}>${when(event.at)} ${event.event.replaceAll("_", " ")} ${
                    event.price_to == null
                      ? ""
                      : `${event.price_from == null ? "" : `${count(event.price_from)} → `}${
                        count(event.price_to)
                      }`
                  } ${event.status_to?.replaceAll("_", " ")}</li>`
                )
              }</ol>`
          }</li>`
        )
      }</ul>`,
  );
}

/** What is to be done with it, and what was. */
export function queueList({ queues, micro_scrape, steps }: Vehicle): VNode {
  return section(
    "queue-rows",
    "Work",
    "What waits for it, and what was tried last",
    html`
      ${micro_scrape
        ? html`<p>Looked at: <b>${micro_scrape.state}</b>, next ${
          when(micro_scrape.due_at)
        }, last ${
          when(micro_scrape.last_checked_at)
        } ${micro_scrape.last_outcome}. ${micro_scrape.last_error}</p>`
        : html`<p class="empty">It has no listing to look at.</p>`}
      <ul class="plain">${queues.map((one) =>
        html`<li key=${`${one.queue} ${one.id}`}><b>${one.queue}</b> ${one.status} ${
          one.outcome_code ? `(${one.outcome_code})` : ""
        } ${one.next_attempt_at ? html`next ${when(one.next_attempt_at)}` : null}
        ${one.error ? html`<p class="hint">${one.error}</p>` : null}</li>`
      )}</ul>
      ${steps.length === 0 ? null : html`
        <details class="do">
          <summary>Last ${count(steps.length)} steps</summary>
          <ul class="plain">${steps.map((one, n) =>
            html`
              <li
                key=${n}>${when(one.at)} ${one.step.replaceAll("_", " ")}: ${one.status} ${one
                  .outcome_code} <span class="hint">${one.error}</span></li>
            `
          )}</ul>
        </details>
      `}
    `,
  );
}

/** What pages say otherwise than is held, and who says it: before anything else. */
export function disagreements({ fields }: Vehicle): VNode | null {
  const doubted = fields.filter(({ in_conflict }) => in_conflict.length > 0);
  if (doubted.length === 0) return null;
  return section(
    "disagreements",
    "Pages disagree",
    "What is held, who says so, and who says otherwise; below, each can be set",
    html`<dl class="sayings">${
      doubted.map((one) =>
        html`<div key=${one.field}><dt>${heading(one.field)}</dt>
          <dd><b>${shortened(valueOf(one.field, one.value))}</b> is held: ${
          one.by_hand
            ? "a person set it"
            : `${one.source ?? "unknown"}, ${percent(one.confidence ?? null)} sure`
        }</dd>
          ${
          one.in_conflict.map((other) =>
            html`
              <dd key=${`${other.value} ${other.source_url}`}
                class="said-otherwise"><b>${shortened(
                  valueOf(one.field, other.value),
                )}</b> says ${hostOf(other.source_url)}, ${percent(
                  other.confidence ?? null,
                )} sure</dd>
            `
          )
        }</div>`
      )
    }</dl>`,
  );
}

function hostOf(url: string | null | undefined): string {
  try {
    return new URL(url ?? "").host.replace(/^www\./, "");
  } catch {
    return "another page";
  }
}

function shortened(text: string | null): string {
  if (text === null) return "nothing";
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

/** Vehicles that may be this one, which a person decides. */
export function candidateList({ candidates }: Vehicle, again: () => void): VNode | null {
  const open = candidates.filter(({ status }) => status === "open");
  if (open.length === 0) return null;
  const decide = (id: string | number, label: string, decision: string) => ({
    label,
    rpc: "operator_resolve_candidate",
    args: { p_id: id, p_decision: decision },
  });
  return section(
    "candidates",
    "May be the same car",
    "What a VIN alone does not prove is for a person to decide",
    html`<ul class="plain">${
      open.map((one) =>
        html`
          <li
            key=${one.id}><p><a href=${`#/vehicle/${one.other_vehicle_id}`}>${one.other_title ||
              "another vehicle"}</a> ${one.vin} <span class="hint">${one.score == null
              ? ""
              : `${percent(one.score)} likely`}</span></p>
                  ${actionsOf([
                    decide(one.id, "One car: merge them", "merge"),
                    decide(one.id, "Two cars", "different"),
                  ], again)}</li>
        `
      )
    }</ul>`,
  );
}

/** What operators did to it. */
export function deedList({ actions }: Vehicle): VNode | null {
  if (actions.length === 0) return null;
  return section(
    "deeds",
    "What operators did",
    "The newest first",
    html`<ul class="plain">${
      actions.map((one, n) =>
        html`<li key=${n}>${
          when(one.at)
        } ${one.said} <span class="hint">${one.operator}</span></li>`
      )
    }</ul>`,
  );
}

/** What people wrote below its auctions: text of strangers. */
export function commentList({ comments }: Vehicle): VNode | null {
  if (comments.length === 0) return null;
  return section(
    "comments",
    "Comments",
    "The newest, as they were written",
    html`
      <details class="do">
        <summary>${plural(comments.length, "comment")}</summary>
        <ul class="plain comments">${comments.map((one, n) =>
          html`
            <li key=${n}>
              <p>${one.text}</p>
              <p class="hint">${one.author} ${when(one.at)}</p>
            </li>
          `
        )}</ul>
      </details>
    `,
  );
}
