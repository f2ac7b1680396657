import { z } from "zod";

/** The settings that fetching reads. */
export interface FetchingEnv {
  SUPABASE_URL: string;
  /** Local stack only: where all fetches go instead of the real sites. */
  SOURCE_MIRROR_URL?: string;
  /** Stands in the user agent: where a site's owner reaches the operator. */
  CONTACT_URL?: string;
}

const shape = z.object({
  SUPABASE_URL: z.string().min(1),
  SOURCE_MIRROR_URL: z.string().optional(),
  CONTACT_URL: z.string().optional(),
});

/** Picks the settings from an environment, such as `Deno.env.toObject()`. @throws ZodError */
export function fetchingEnv(env: Record<string, string | undefined>): FetchingEnv {
  return shape.parse(env);
}
