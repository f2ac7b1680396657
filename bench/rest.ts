/**
 * One request to the REST API, as one would write it by hand: a row in, the row as it stands out.
 * @throws Error when it answers anything but success.
 */
export async function send(
  { api, key }: { api: string; key: string },
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const answer = await fetch(`${api}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: key,
      "content-type": "application/json",
      prefer: "resolution=merge-duplicates,return=representation",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}
