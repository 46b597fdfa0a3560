import { h, fill, list, table } from "./dom.js";
import { post, path } from "./api.js";
import { badge, moment, duration, plain, resumes } from "./format.js";

/** A customer's runs, newest first, and a form that starts one. */
class RunsTab extends HTMLElement {
  connectedCallback() {
    this.customer = this.getAttribute("customer");
    this.body = h("tbody");
    this.empty = h("p", { class: "muted", hidden: true }, "No run yet.");
    fill(this, this.form(), table("Runs", ["Run", "Method", "State", "Started", { name: "Took", class: "number" }, { name: "Resumed", class: "number" }], this.body), this.empty);
  }

  update(name, runs) {
    if (name !== "runs") return;
    this.empty.hidden = runs.length > 0;
    list(this.body, runs, r => r.runId, run => h("tr", {},
      h("th", { scope: "row" }, h("a", { class: "mono", href: `#/runs/${path(this.customer, run.runId)}`, data: { focus: run.runId } }, run.runId)),
      h("td", {}, run.method),
      h("td", {}, badge(run.state), run.error && h("div", { class: "reason" }, plain(run.error.message))),
      h("td", {}, moment(run.created)),
      h("td", { class: "number" }, run.ended ? duration(new Date(run.ended) - new Date(run.created)) : ""),
      h("td", { class: "number" }, resumes(run) > 0 ? `${resumes(run)}×` : "")));
  }

  form() {
    const method = h("input", { id: "method", required: true, autocomplete: "off", placeholder: "task" });
    const input = h("textarea", { id: "input", rows: "2", spellcheck: "false", placeholder: "{\"instruction\": \"Add dark mode\"}" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    return h("details", { class: "card" }, h("summary", {}, "Start a run"), h("form", { on: { submit: async e => {
      e.preventDefault();
      problem.hidden = true;
      try {
        const run = await post(`api/agents/${path(method.value)}`,
          { customer: this.customer, input: parse(input.value) }, { Prefer: "respond-async" });
        location.hash = `#/runs/${path(this.customer, run.runId)}`;
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      }
    } } },
    h("label", { for: "method" }, "Method"), method, h("label", { for: "input" }, "Input, as JSON"), input, problem,
    h("button", { type: "submit", class: "primary" }, "Start")));
  }
}

function parse(text) {
  if (!text.trim()) return {};
  let value;
  try {
    value = JSON.parse(text);
  } catch (e) {
    throw new Error(`The input is not JSON: ${e.message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("The input is a JSON object: the arguments by name.");
  return value;
}

customElements.define("oc-runs", RunsTab);
