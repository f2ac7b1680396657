/** Something the runner runs as one. */
export interface Job {
  name: string;
  kind: "deno" | "sql" | "examples";
  paths: string[];
  /** The directory that holds exactly these paths, where there is one. */
  under?: string;
  needsStack: boolean;
}

export interface Outcome {
  name: string;
  passed: number;
  failed: number;
  /** Names of the tests that were not run. */
  skipped: string[];
  /** What to show when something failed. */
  output: string;
  ms: number;
}
