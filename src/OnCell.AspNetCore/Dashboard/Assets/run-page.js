import { h, fill, list, button } from "./dom.js";
import { get, post, listen, path } from "./api.js";
import { badge, moment, duration, count, plain, resumes } from "./format.js";
import { facts } from "./cell-page.js";
import { step, remember } from "./run-step.js";

const ended = ["run.completed", "run.failed", "run.cancelled", "run.diverged"];
const changing = [...ended, "run.started", "run.resumed", "run.cancel-requested", "step.started", "step.ended", "step.retrying",
  "step.interrupted", "step.needs-decision", "step.decided", "step.replayed", "signal.received"];

/** One run as a timeline of steps: executed, re-attached and replayed ones; tokens and time; output; what waits for a person. */
class RunPage extends HTMLElement {
  connectedCallback() {
    this.customer = this.getAttribute("customer");
    this.run = this.getAttribute("run");
    this.at = `api/runs/${path(this.customer, this.run)}`;
    this.outputs = new Map();
    this.state = h("span", { class: "live", role: "status" }, "connecting");
    this.badge = h("span");
    this.cancel = button("Cancel the run", () => post(`${this.at}/cancel`), { hidden: true, class: "danger" });
    this.summary = h("div", { class: "card" });
    this.steps = h("ol", { class: "timeline", "aria-label": "Steps" });
    this.end = h("div");
    fill(this,
      h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Cells"), " / ", h("a", { href: `#/cells/${path(this.customer)}/runs` }, this.customer), " / "),
      h("div", { class: "head" }, h("h1", { class: "mono" }, this.run), this.badge, this.state, h("span", { class: "grow" }), this.cancel),
      this.summary, h("h2", {}, "Timeline"), this.steps, this.end);
    const handlers = Object.fromEntries(changing.map(type => [type, data => this.changed(type, data)]));
    handlers["step.output"] = data => this.output(data);
    this.close = listen(`${this.at}/events`, handlers, state => { this.state.textContent = this.over ? "ended" : state; if (this.over) this.close(); });
    this.load();
  }

  disconnectedCallback() {
    this.close();
    clearTimeout(this.timer);
  }

  changed(type) {
    if (ended.includes(type)) {
      this.over = true;
      this.close();
      this.state.textContent = "ended";
    }
    // Many events come at once where a run is read from its beginning: they are one look.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 120);
  }

  output({ position, stream, text }) {
    remember(this.outputs, position, stream, text);
    const place = [...this.steps.children].find(e => e.dataset.key === position)?.querySelector("pre.output");
    if (place) this.outputs.get(position).show(place);
  }

  async load() {
    try {
      const [run, steps] = await Promise.all([get(this.at), get(`${this.at}/steps`)]);
      this.render(run, steps);
    } catch (e) {
      fill(this.end, h("p", { class: "problem", role: "alert" }, e.message));
      if (e.status === 404) this.close();
    }
  }

  render(run, steps) {
    fill(this.badge, badge(run.state));
    this.cancel.hidden = !["running", "needsDecision"].includes(run.state);
    const tokens = steps.reduce((sum, s) => sum + Number(s.annotations?.tokens ?? 0), 0);
    const took = (run.ended ? new Date(run.ended) : new Date()) - new Date(run.created);
    fill(this.summary, facts([
      ["Method", run.method], ["Started", moment(run.created)], [run.ended ? "Took" : "Runs for", duration(took)], ["Steps", String(steps.length)],
      tokens > 0 && ["Tokens", count(tokens)],
      resumes(run) > 0 && ["Resumed", `${resumes(run)}× after a restart; finished steps were not run again`],
      steps.some(s => s.reattached) && ["Re-attached", "a command had gone on without the service"]]));
    const longest = Math.max(1, ...steps.map(s => s.milliseconds ?? 0));
    list(this.steps, steps.map(s => ({ ...s, longest })), s => s.position, (s, old) => step(s, old, this));
    fill(this.end,
      run.error && h("div", { class: "card bad" }, h("h2", {}, "Error"), h("p", { class: "mono" }, plain(run.error.type)), h("pre", {}, plain(run.error.message)),
        run.error.detail && h("details", {}, h("summary", {}, "Detail"), h("pre", {}, plain(run.error.detail)))),
      run.result !== undefined && h("div", { class: "card" }, h("h2", {}, "Result"),
        h("pre", { tabindex: "0" }, plain(typeof run.result === "string" ? run.result : JSON.stringify(run.result, null, 2)))));
  }
}

customElements.define("oc-run", RunPage);
