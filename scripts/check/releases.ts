/** What was released stays as it was. */
import { frozenProblems, readReleases, readSums } from "../../local/releases.ts";
import { isInChangelog } from "../release/changelog.ts";
import { readProjectFile } from "./files.ts";
import { error, type Step } from "./step.ts";

export const releases: Step = {
  name: "releases",
  description: "no released migration was edited, removed, or given another place",
  run() {
    const made = readReleases();
    const changelog = readProjectFile("CHANGELOG.md");
    return {
      findings: [
        ...frozenProblems().map(({ file, message }) =>
          error(message, `supabase/migrations/${file}`)
        ),
        ...made.filter(({ version }) => !isInChangelog(changelog, version))
          .map(({ version }) => error(`has no section [${version}] with a date`, "CHANGELOG.md")),
      ],
      note: made.length === 0
        ? "nothing is released yet"
        : `${made.at(-1)?.version} is the newest, ${readSums().size} migrations are frozen`,
    };
  },
};
