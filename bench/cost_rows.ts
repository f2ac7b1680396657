/** The table of what work costs, for a thousand vehicles of each kind. */
import type { Used } from "./cost_used.ts";
import { type Calls, isObject } from "./counting_api.ts";
import type { Row } from "./figure.ts";

/** What some work took. */
export interface Cost {
  what: string;
  /** What it is held against, by its `what`. */
  against?: string;
  /** Vehicles, or pictures, that it was done for. */
  count: number;
  invocations: number;
  calls: Calls;
  used: Used;
  /** CPU of the function. */
  functionSeconds: number;
}

/** Of this many the cost is told. */
const THOUSAND = 1_000;
const MB = 1e6;

/** Rows for each kind of work, its calls by address among them. */
export function rowsOf(costs: readonly Cost[], note: string): Row[] {
  return costs.flatMap((cost) => {
    const other = costs.find(({ what }) => what === cost.against);
    const others = new Map(other && measures(other).map(({ name, value }) => [name, value]));
    return measures(cost).map(({ name, value, unit }): Row => {
      const held = others.get(name);
      return {
        what: `${cost.what}: ${name}`,
        value,
        unit,
        better: "less",
        baseline: other === undefined || held === undefined
          ? null
          : { name: other.what, value: held },
        note,
      };
    });
  });
}

interface Measure {
  name: string;
  value: number;
  unit: Row["unit"];
}

function measures(cost: Cost): Measure[] {
  const { used, calls } = cost;
  const scaled = (value: number) => value / cost.count * THOUSAND;
  const sum = (wanted: (kind: string) => boolean) =>
    [...calls].reduce((all, [kind, count]) => wanted(kind) ? all + count : all, 0);
  const plain = (name: string, value: number): Measure => ({
    name,
    value: scaled(value),
    unit: "",
  });
  const megabytes = (name: string, bytes: number): Measure => ({
    name,
    value: scaled(bytes) / MB,
    unit: "MB",
  });
  const seconds = (name: string, value: number | null): Measure[] =>
    value === null ? [] : [{ name, value: scaled(value), unit: "s" }];
  const kinds = (wanted: (kind: string) => boolean) =>
    [...calls].filter(([kind]) => wanted(kind)).map(([kind, count]) => plain(`  ${kind}`, count));
  const isCall = (kind: string) => !isObject(kind);
  return [
    plain("invocations", cost.invocations),
    plain("calls of the API", sum(isCall)),
    ...kinds(isCall),
    plain("operations of Storage", sum(isObject)),
    ...kinds(isObject),
    megabytes("fetched from the sites", used.fetchedBytes),
    megabytes("sent to API and Storage", used.sentBytes),
    megabytes("answered by API and Storage", used.answeredBytes),
    ...seconds("CPU of the function", cost.functionSeconds),
    ...seconds("CPU of Postgres", used.postgresSeconds),
    plain("rows written", used.rowsWritten),
    megabytes("the database grew", used.databaseBytes),
    megabytes("kept in Storage", used.storedBytes),
  ];
}
