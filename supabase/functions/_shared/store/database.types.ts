// Placeholder until the first `gen types`: replaced by generated code.
// deno-lint-ignore no-explicit-any
export type Database = any;
