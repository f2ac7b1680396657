/** What Supabase's own advisors say of the database: the list that Studio shows under Advisors. */
import { z } from "zod";
import { migratedDatabase, supabase } from "./databases.ts";
import { lastLines } from "./run.ts";
import { error, type Step } from "./step.ts";

const advice = z.array(z.object({
  name: z.string(),
  level: z.enum(["ERROR", "WARN", "INFO"]),
  detail: z.string(),
}));

export const advisors: Step = {
  name: "advisors",
  description: "Supabase's advisors see no error (warnings are counted)",
  async run(context) {
    const database = await migratedDatabase(context);
    const ran = await supabase(context, "db", "advisors", `--remote=${database.url}`);
    if (ran.code !== 0) return { findings: [error(lastLines(ran))] };
    const given = advice.parse(JSON.parse(ran.stdout));
    const counted = given.filter((one) => one.level === "WARN").map((one) => one.name);
    return {
      findings: given.filter((one) => one.level === "ERROR").map((one) =>
        error(one.detail, one.name)
      ),
      note: counted.length === 0
        ? "no warning"
        : `${counted.length} warnings: ${[...new Set(counted)].join(", ")}`,
    };
  },
};
