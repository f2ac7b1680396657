/** Words that docs/vocabulary.md has replaced: one idea has one word, so they must not come back. */
import { lineOf, projectFiles, readProjectFile } from "./files.ts";
import { codeOnly } from "./hosted.ts";
import { error, type Step } from "./step.ts";

interface Replaced {
  word: RegExp;
  /** What to say instead. */
  say: string;
  /** Paths in which the word is meant otherwise, and why. */
  except?: RegExp;
  /** Only names in code count; in a sentence the word is plain English. */
  namesOnly?: boolean;
}

// Readers of listings, and texts as listings have them, speak of cars: of piston rings and workshop manuals.
const OF_CARS =
  /_shared\/(?:sources|extraction|vehicle|html)\/|_shared\/workers\/description\/|^tests\/corpus\/|^demo\/site\//;

/** A word by itself or as a part of a name: `in_hand`, `IN_HAND_MS`. */
const word = (pattern: string) => new RegExp(`(?<![a-z])(?:${pattern})(?![a-z])`, "gi");

const replaced: readonly Replaced[] = [
  { word: word("(?:door)?bells?"), say: "invocation, invoke_worker", except: OF_CARS },
  { word: word("rings?|rang|rung|ringing"), say: "invoke, call; circle", except: OF_CARS },
  {
    word: word("wakes?|woken|waking"),
    say: "invoke (a worker), promote (what has become due)",
    except: /^local\/postgres\/extensions\/pg_net/, // the real extension has net.wake()
  },
  { word: word("free_orphaned"), say: "rescue" },
  { word: word("in[ _]?hand"), say: "leased; at once, in memory" },
  { word: word("in[ _]?step(?! \\d)"), say: "in sync, sync_*" },
  { word: word("fruitless"), say: "no-gain, no_gain_*" },
  {
    word: word("(?:the|a|its|one|each|site's) promise|promised|promise: [\"`]"),
    say: "required fields; description, title; what must hold",
  },
  { word: word("fallsShort"), say: "missingFields" },
  { word: word("workshops?"), say: "context", except: OF_CARS },
  { word: word("manners?"), say: "mode; politely", except: OF_CARS },
  { word: word("shout(?:s|ed|ing)?"), say: "upper case" },
  {
    word: word("figures?"),
    say: "metrics, count",
    // A benchmark gives figures; an odometer, a price and a picture's header have them.
    except:
      /^(?!supabase\/(?:migrations|schemas|tests)\/|.*_shared\/(?:database|workers\/pipeline)\/)/,
  },
  { word: word("things?"), say: "nonVehicle, item", except: OF_CARS, namesOnly: true },
  { word: word("when_read|reach_?of_?a_?run"), say: "next_fetch_at, claim_horizon" },
  {
    word: word("settle_what_was_answered|another_car(?=\\()|lock_patiently|tidy[_-]up"),
    say: "settle_related_work, vehicle_mismatch, lock_with_retry, prune_history",
  },
  { word: word("sentAgain"), say: "withRetry" },
  { word: word("StoreError"), say: "DatabaseError" },
  { word: word("kept pages?|keptPages?"), say: "snapshot" },
];

/** The replaced words in a file of this path. */
export function replacedWords(path: string, text: string): { line: number; message: string }[] {
  const code = /\.[jt]s$/.test(path) ? codeOnly(text) : "";
  return replaced
    .filter(({ except }) => except === undefined || !except.test(path))
    .flatMap(({ word, say, namesOnly }) =>
      [...(namesOnly ? code : text).matchAll(word)].map((match) => ({
        line: lineOf(text, match.index),
        message: `"${match[0]}": say ${say} (docs/vocabulary.md)`,
      }))
    );
}

/** This file and its test name the words, and so does what brings a database of before them in line. */
const own =
  /^scripts\/check\/words(?:_test)?\.ts$|^local\/upgrade\/|^tests\/functions\/stack\/other_migrations_test\.ts$/;

export const words: Step = {
  name: "words",
  description: "one word for one idea: none that docs/vocabulary.md has replaced",
  run() {
    const files = projectFiles(".", ".ts", ".js", ".sql", ".md", ".toml", ".yml", ".sh")
      .filter((path) => !own.test(path));
    const findings = files.flatMap((path) => [
      ...replacedWords("", path.replaceAll(/[/.]/g, " ")).map(({ message }) =>
        error(`its name: ${message}`, path)
      ),
      ...replacedWords(path, readProjectFile(path)).map(({ line, message }) =>
        error(message, `${path}:${line}`)
      ),
    ]);
    return { findings, note: `${files.length} files` };
  },
};
