import { h, button, notice } from "./dom.js";
import { get, post, path } from "./api.js";
import { badge, moment, duration, count, plain } from "./format.js";

const maxOutput = 200000;

/** Keeps a step's live output, the last part of it where it is long. */
export function remember(outputs, position, stream, text) {
  let output = outputs.get(position);
  if (!output) {
    output = { text: "", cut: false, show: place => { place.textContent = (output.cut ? "… earlier output is not shown …\n" : "") + plain(output.text); } };
    outputs.set(position, output);
  }
  output.text += text;
  if (output.text.length > maxOutput) {
    output.text = output.text.slice(-maxOutput / 2);
    output.cut = true;
  }
}

/** One step of the timeline. */
export function step(s, old, page) {
  const marks = [
    s.reattached && mark("re-attached", "The command had gone on without the service, and was found again."),
    s.replays > 0 && mark(s.replays > 1 ? `replayed ${s.replays}×` : "replayed", "Given from the journal after a restart; not executed again."),
    !s.reattached && !(s.replays > 0) && s.state === "completed" && mark("executed", "Executed once, its result kept."),
    s.attempts > 1 && mark(`${s.attempts} attempts`, "It was tried again."),
  ];
  const tokens = s.annotations?.tokens;
  const depth = Math.min(4, s.position.split(".").length - 1);
  const wasOpen = old?.querySelector("details")?.open ?? false;
  const place = h("pre", { class: "output", tabindex: "0" });
  const details = h("details", { open: wasOpen, on: { toggle: () => { if (details.open) fillOutput(place, s, page); } } },
    h("summary", { data: { focus: s.position } }, h("span", { class: "place mono" }, s.position), h("span", { class: "kind" }, s.kind),
      h("span", { class: "name mono" }, plain(s.name)),
      h("span", { class: "marks" }, badge(s.state), marks), h("span", { class: "figures" },
        tokens && h("span", { title: s.annotations?.model ?? "" }, `${count(tokens)} tokens`), h("span", {}, duration(s.milliseconds)))),
    h("div", { class: "more" },
      h("p", { class: "muted" }, moment(s.started), ` · effect ${s.effect}`, s.annotations && Object.entries(s.annotations).map(([k, v]) => ` · ${k} ${plain(v)}`)),
      s.error && h("p", { class: "problem" }, plain(s.error.message)), place));
  if (wasOpen) fillOutput(place, s, page);
  return h("li", { class: `step depth${depth} ${s.state}` },
    h("meter", { class: "bar", min: "0", max: String(s.longest), value: String(s.milliseconds ?? 0), "aria-label": `${duration(s.milliseconds) || "no"} time` }),
    details, s.state === "needsDecision" && decision(s, page), s.kind === "signal" && s.state === "started" && signal(s, page));
}

const mark = (text, why) => h("span", { class: "mark", title: why }, text);

async function fillOutput(place, s, page) {
  const live = page.outputs.get(s.position);
  if (s.state === "started" || s.state === "needsDecision") {
    if (live) live.show(place);
    else place.textContent = "no output yet";
    return;
  }
  try {
    const kept = await get(`${page.at}/steps/${path(s.position)}`);
    place.textContent = plain(kept.result === undefined ? "no result" : readable(kept.result));
  } catch (e) {
    if (live) live.show(place);
    else place.textContent = e.message;
  }
}

/** A command's result as its output; anything else as JSON. */
function readable(result) {
  if (typeof result === "string") return result;
  if (result && typeof result === "object" && "stdout" in result) {
    return [result.stdout, result.stderr && `stderr:\n${result.stderr}`, `exit code ${result.exitCode}`].filter(t => t).join("\n");
  }
  return result && typeof result === "object" && typeof result.text === "string" ? result.text : JSON.stringify(result, null, 2);
}

/** Approve or deny what waits for a signal. */
function signal(s, page) {
  const name = s.name;
  const send = async payload => {
    await post(`${page.at}/signal`, { name, payload });
    notice(`Sent: ${name}.`);
  };
  return h("div", { class: "decision", role: "group", "aria-label": `Waits for ${name}` },
    h("p", {}, "Waits for a person: ", h("b", {}, plain(name))),
    button("Approve", () => send(true), { class: "primary", data: { focus: `approve ${s.position}` } }), " ",
    button("Deny", () => send(false), { class: "danger", data: { focus: `deny ${s.position}` } }));
}

/** A step that may or may not have taken place: only a person can find out. */
function decision(s, page) {
  const text = h("input", { id: `decide-${s.position}`, autocomplete: "off", placeholder: "result as JSON, or why it failed" });
  const send = async body => {
    await post(`${page.at}/decide`, { position: s.position, ...body });
    notice(`Decided on step ${s.position}.`);
  };
  return h("div", { class: "decision", role: "group", "aria-label": `Decide on step ${s.position}` },
    h("p", {}, "The service died while this ran, and it must not happen twice. Look whether it took place, then decide."),
    button("It did not happen: run it", () => send({ decision: "runAgain" }), { class: "primary" }), " ",
    h("span", { class: "row" }, h("label", { for: `decide-${s.position}` }, "or"), text,
      button("It happened: go on with this result", () => send({ decision: "skip", result: text.value ? JSON.parse(text.value) : null })),
      button("Let it fail", () => send({ decision: "fail", message: text.value || "decided by a person" }), { class: "danger" })));
}
