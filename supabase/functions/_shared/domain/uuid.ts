import { z } from "zod";

/**
 * An id as Postgres takes and gives it: any 128 bits, also those of no version of RFC 9562, which
 * `z.uuid()` refuses. In lower case, so that two spellings of one id are equal.
 */
export const uuid = z.guid("not a UUID").toLowerCase();
