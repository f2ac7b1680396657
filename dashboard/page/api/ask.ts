/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import type * as z from "zod/mini";
import { call, type Trouble } from "./call.ts";

interface Asked<T> {
  value: T | null;
  trouble: Trouble | null;
  /** Asks again; what is there stays until the answer comes. */
  again: () => void;
}

/** One answer of the database for a view; asked anew when the arguments are others. Null arguments ask nothing. */
export function useAnswer<T>(
  name: string,
  args: Record<string, unknown> | null,
  schema: z.ZodMiniType<T>,
  onTrouble: (trouble: Trouble) => void,
): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [times, setTimes] = useState(0);
  const key = JSON.stringify(args);
  useEffect(() => {
    if (args === null) return setValue(null);
    const asking = new AbortController();
    void call(name, args, schema, asking.signal).then((answer) => {
      if (asking.signal.aborted) return;
      setTrouble(answer.ok ? null : answer.trouble);
      if (answer.ok) setValue(answer.value);
      else onTrouble(answer.trouble);
    });
    return () => asking.abort();
  }, [name, key, times]);
  return { value, trouble, again: () => setTimes(times + 1) };
}
