import { html } from "htm/preact";
import type { VNode } from "preact";
import { brandMark } from "../parts/mark.ts";
import type { Trouble } from "../api/call.ts";
import { command } from "../parts/command.ts";

interface Props {
  email: string;
  trouble: Trouble;
  leave: () => void;
}

/** Somebody who is signed in and is no operator. */
export function Stranger({ email, trouble, leave }: Props): VNode {
  const quoted = email.replaceAll("'", "''");
  return html`
    <main class="gate">
      <div class="gate-card">
          ${brandMark(40)}
          <h1>You are no operator</h1>
          <p>You are signed in as <strong>${email}</strong>, and the database shows this account nothing: ${trouble
            .says}.</p>
          <p>Whoever administers the project makes it an operator's, in the SQL editor. Then sign in again.</p>
          ${command(
            `update auth.users set raw_app_meta_data = raw_app_meta_data || '{"role": "operator"}' where email = '${quoted}';`,
          )}
          <button type="button" class="main" onClick=${leave}>Sign out</button>
        </div>
    </main>
  `;
}
