/** Says what the process does, to whoever reads its output; what goes wrong is said by the functions' own log. */
export type Say = (message: string, fields?: Record<string, unknown>) => void;

/** @param json one JSON object a line, as the log of a hosted function; else a line for people. */
export function speaker(json: boolean): Say {
  return (message, fields = {}) => {
    const at = new Date().toISOString();
    console.log(
      json
        ? JSON.stringify({ level: "info", message, at, ...fields })
        : `${at.slice(0, 19)}Z ${message}`,
    );
  };
}
