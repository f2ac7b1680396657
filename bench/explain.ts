import postgres from "postgres";

/**
 * The plans of a statement and of every statement inside the functions it calls, as it really ran.
 * @param adminUrl a superuser's: auto_explain must be loaded.
 */
export async function explain(adminUrl: string, statement: string): Promise<string> {
  const plans: string[] = [];
  const sql = postgres(adminUrl, {
    max: 1,
    onnotice: ({ message }) => {
      if (message?.startsWith("duration:")) plans.push(message);
    },
  });
  try {
    await sql.unsafe("load 'auto_explain'");
    for (
      const setting of [
        "log_min_duration = 0",
        "log_nested_statements = on",
        "log_analyze = on",
        "log_buffers = on",
      ]
    ) await sql.unsafe(`set auto_explain.${setting}`);
    await sql.unsafe("set client_min_messages = log");
    await sql.unsafe("begin");
    await sql.unsafe(statement);
    await sql.unsafe("rollback");
  } finally {
    await sql.end();
  }
  return plans.join("\n\n");
}
