/** An operator's account on a stack of this machine, so that one click signs in. */
import { createHmac } from "node:crypto";
import { createClient } from "@supabase/supabase-js";

interface Credentials {
  email: string;
  password: string;
}

/**
 * The account of whoever sits at this machine, made when it is not there. Its password follows from the stack's
 * secret key, so that it is the same as long as the stack is kept and nobody has to store it.
 * @throws Error when Auth cannot make it.
 */
export async function localOperator(url: string, secret: string): Promise<Credentials> {
  const email = "operator@localhost.example";
  const password = createHmac("sha256", secret).update("dashboard operator").digest("base64url");
  const service = createClient(url, secret, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  const { error } = await service.auth.admin.createUser({
    email,
    password,
    email_confirm: true,
    app_metadata: { role: "operator" },
  });
  if (error !== null && error.code !== "email_exists") {
    throw new Error(`No operator could be made on the local stack: ${error.message}`);
  }
  return { email, password };
}
