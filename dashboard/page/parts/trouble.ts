import { html } from "htm/preact";
import type { VNode } from "preact";
import type { Trouble } from "../api/call.ts";
import { command } from "./command.ts";

/** What went wrong and what to do, above what is still shown. */
export function troubleNotice(trouble: Trouble | null, more?: string): VNode | null {
  if (trouble === null) return null;
  return html`<div class="notice notice-bad" role="alert">
    <p><strong>${trouble.says}</strong> ${more}</p>
    ${trouble.what_to_do === "" ? null : html`<p>${trouble.what_to_do}</p>`}
    ${command(trouble.what_to_type)}
  </div>`;
}
