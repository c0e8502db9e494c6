/** The server's API. A refusal becomes an Error with the fields that are wrong. */

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) {
    return null;
  }
  const json = await answer.json().catch(() => ({ message: "the server did not answer as expected" }));
  if (!answer.ok) {
    const error = new Error(json.message ?? `the server answered ${answer.status}`);
    error.fields = json.fields ?? [];
    throw error;
  }
  return json;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);
