import { serve } from "../_shared/edge/serve.ts";
import { withTools } from "../_shared/edge/tools.ts";
import { chosenVehicles, vehicleChoice } from "../_shared/edge/vehicles.ts";
import { generateDescriptions } from "../_shared/workers/description/generate_description.ts";

serve({
  name: "generate-vehicle-description",
  body: vehicleChoice,
  async handle(body, context) {
    const { database, startedAt } = context;
    const vehicles = await chosenVehicles(database, body);
    const results = await withTools(
      context,
      body.max_runtime_ms,
      ({ fetcher, describe }) =>
        generateDescriptions(database, fetcher, describe, vehicles, body.dry_run),
    );
    const fine = ["ok", "not_modified", "skipped"];
    return {
      success: results.every(({ outcome }) => fine.includes(outcome)),
      dry_run: body.dry_run,
      results,
      runtime_ms: Date.now() - startedAt,
    };
  },
});
