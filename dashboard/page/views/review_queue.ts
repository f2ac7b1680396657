/// <reference lib="dom" />
import { useEffect, useRef, useState } from "preact/hooks";
import { call, type Trouble } from "../api/call.ts";
import { type Doubt, reviewSchema } from "../api/vehicle_shapes.ts";
import { act } from "../parts/actions.ts";

export type Decision = "accept" | "reject" | "correct";

interface Review {
  /** The one that is looked at. */
  row: Doubt | null;
  /** How many of those read are not decided. */
  left: number;
  /** How many there are by kind. */
  open: Record<string, unknown>;
  done: number;
  perMinute: number | null;
  reading: boolean;
  trouble: Trouble | null;
  /** What became of the last decision. */
  said: { row: Doubt; good: boolean; says: string } | null;
  next: () => void;
  previous: () => void;
  decide: (decision: Decision, value?: string) => void;
}

const READ_AHEAD = 50;
const READ_MORE_AT = 10;

/** The queue of doubts: read ahead, so that the next stands there at once while a decision is on its way. */
export function useReview(kind: string, onTrouble: (trouble: Trouble) => void): Review {
  const [rows, setRows] = useState<Doubt[]>([]);
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState<Record<string, unknown>>({});
  const [after, setAfter] = useState<string | null>(null);
  const [reading, setReading] = useState(true);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [said, setSaid] = useState<Review["said"]>(null);
  const [times, setTimes] = useState<number[]>([]);
  const decided = useRef(new Set<number>());

  const read = async (from: string | null) => {
    setReading(true);
    const args = { p_limit: READ_AHEAD, p_after: from, p_kind: kind === "" ? null : kind };
    const answer = await call("dashboard_review", args, reviewSchema);
    setReading(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return onTrouble(answer.trouble);
    const fresh = answer.value.rows.filter(({ id }) => !decided.current.has(id));
    setRows((had) => [...had, ...fresh.filter(({ id }) => had.every((one) => one.id !== id))]);
    setAfter(answer.value.after ?? null);
    setOpen(answer.value.open ?? {});
  };
  useEffect(() => {
    void read(null);
  }, []);
  useEffect(() => {
    if (!reading && after !== null && rows.length < READ_MORE_AT) void read(after);
  }, [rows.length, reading]);

  const place = Math.min(at, Math.max(0, rows.length - 1));
  const row = rows[place] ?? null;
  const decide = (decision: Decision, value?: string) => {
    if (row === null || decided.current.has(row.id)) return;
    decided.current.add(row.id);
    // Others of the same field are read again: what is held of it may be another value then.
    const isSame = (one: Doubt) => one.vehicle_id === row.vehicle_id && one.field === row.field;
    const hasOthers = rows.some((one) => one.id !== row.id && isSame(one));
    setRows((had) => had.filter((one) => !isSame(one)));
    setTimes((had) => [...had, performance.now()]);
    setOpen((had) => oneLess(had, row.kind));
    const args = {
      p_id: row.id,
      p_decision: decision,
      p_seen: row.seen ?? null,
      p_value: value ?? null,
    };
    void act("operator_review", args).then((became) => {
      setSaid({ row, ...became });
      if (became.left === "try again") putBack(row);
      if (became.left === "look again") decided.current.delete(row.id);
      if (became.left === "look again" || hasOthers) void read(null);
    });
  };
  /** What was not decided is still to be: it stands first again, as it is held now. */
  const putBack = (undecided: Doubt) => {
    decided.current.delete(undecided.id);
    setRows((had) => [undecided, ...had.filter(({ id }) => id !== undecided.id)]);
    setAt(0);
  };
  return {
    row,
    left: rows.length,
    open,
    done: times.length,
    perMinute: pace(times),
    reading,
    trouble,
    said,
    next: () => setAt(Math.min(place + 1, rows.length - 1)),
    previous: () => setAt(Math.max(place - 1, 0)),
    decide,
  };
}

function oneLess(open: Record<string, unknown>, kind: string): Record<string, unknown> {
  const n = open[kind];
  return typeof n === "number" ? { ...open, [kind]: Math.max(0, n - 1) } : open;
}

/** Decisions a minute, of the last ten; null before there are three. */
function pace(times: number[]): number | null {
  const last = times.slice(-10);
  const [first] = last;
  const end = last.at(-1);
  if (last.length < 3 || first === undefined || end === undefined || end === first) return null;
  return Math.round((last.length - 1) / ((end - first) / 60_000));
}
