// Calls of the service. Each failure is an Error whose message says what is wrong and what to do.

let signedOut = () => {};

/** Sets what happens when the service does not know us (any more). */
export function onSignedOut(action) { signedOut = action; }

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const path = (...parts) => parts.map(encodeURIComponent).join("/");

/** Sends a request and gives the answer's JSON, text where it is none, nothing where there is none. */
export async function call(method, url, body, headers = {}) {
  const send = { method, headers: { "X-OnCell-Dashboard": "1", ...headers }, credentials: "same-origin" };
  if (method === "POST") send.headers["Idempotency-Key"] ??= crypto.randomUUID?.() ?? String(Math.random());
  if (body !== undefined) {
    send.body = JSON.stringify(body);
    send.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, send);
  } catch {
    throw new ApiError(0, "The service does not answer. Is it running?");
  }
  if (!response.ok) await fail(response, url);
  if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined;
  const type = response.headers.get("Content-Type") ?? "";
  return type.includes("json") ? response.json() : type ? response.text() : undefined;
}

async function fail(response, url) {
  if (response.status === 401 && url !== "session") signedOut();
  let problem;
  try {
    problem = await response.json();
  } catch {
    problem = {};
  }
  const reasons = {
    401: "You are not signed in.", 403: "You may not do that with this key.", 404: "That does not exist.",
    429: "Too many requests. Wait a moment.", 503: "The service is not ready. It may be starting.",
  };
  throw new ApiError(response.status, problem.detail ?? problem.title ?? reasons[response.status] ?? `The service answered ${response.status}.`);
}

export const get = url => call("GET", url);
export const post = (url, body, headers) => call("POST", url, body, headers);
export const remove = url => call("DELETE", url);

/**
 * Listens to server-sent events until the returned function is called; says in words whether the connection is there. A page
 * that nobody sees lets go of its connection: browsers allow a site only six.
 */
export function listen(url, handlers, onState = () => {}) {
  let source;
  let timer;
  let last = "";
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    source = new EventSource(url);
    source.addEventListener("open", () => onState("live"));
    for (const [type, handle] of Object.entries(handlers)) {
      source.addEventListener(type, e => {
        // Opened anew, a stream tells from its beginning; what was told before is not told again.
        if (e.lastEventId && Number(e.lastEventId) <= Number(last)) return;
        if (e.lastEventId) last = e.lastEventId;
        handle(JSON.parse(e.data));
      });
    }
    source.addEventListener("error", () => {
      onState("connecting");
      // A browser gives up for good where the service answers an error; it may only be starting again.
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, 2000);
    });
  };
  const seen = () => { if (document.hidden) { close(); onState("not looking"); } else if (!source) open(); };
  document.addEventListener("visibilitychange", seen);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    close();
  };
}
