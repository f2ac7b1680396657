import assert from "node:assert/strict";
import type { ImportItem } from "../../database/imports.ts";
import { importedOf } from "./report.ts";

const URL = "https://bringatrailer.com/listing/x/";
const ITEM: ImportItem = {
  source_url: URL,
  outcome: "ok",
  steps: [
    { step_name: "extract_data", status: "success" },
    { step_name: "extract_images", status: "success" },
  ],
};
const RESULT = {
  index: 0,
  gained: false,
  marked_complete: false,
  changes: {},
  fields_updated: [],
  conflicts: [],
  vehicle_id: null,
  created: false,
  relisting: false,
};

Deno.test("an import of which nothing could be written has no step that worked", () => {
  const { steps } = importedOf(
    URL,
    ITEM,
    { ...RESULT, status: "failed", error: "disk full", step_errors: {} },
    false,
  );
  assert.deepEqual(steps.map((step) => [step.status, step.outcome_code, step.error_message]), [
    ["failed", "server_error", "disk full"],
    ["failed", "server_error", "disk full"],
  ]);
});

Deno.test("where one step could not be written the others have worked", () => {
  const { steps } = importedOf(
    URL,
    ITEM,
    { ...RESULT, status: "failed", step_errors: { extract_data: "too long" } },
    false,
  );
  assert.deepEqual(steps.map((step) => step.status), ["failed", "success"]);
});
