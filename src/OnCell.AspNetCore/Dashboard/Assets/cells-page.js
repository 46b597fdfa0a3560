import { h, fill, list, button, table, notice } from "./dom.js";
import { listen, post, path } from "./api.js";
import { badge, moment, duration, plain } from "./format.js";

/** All cells and their states, live. */
class CellsPage extends HTMLElement {
  connectedCallback() {
    this.counts = h("ul", { class: "counts", "aria-label": "Cells by state" });
    this.body = h("tbody");
    this.state = h("span", { class: "live", role: "status" }, "connecting");
    this.empty = h("p", { class: "muted", hidden: true }, "No cell yet. Create a customer to get one.");
    fill(this,
      h("div", { class: "head" }, h("h1", {}, "Cells"), this.state, h("span", { class: "grow" }),
        h("button", { type: "button", class: "primary", on: { click: () => this.create.showModal() } }, "New customer")),
      this.counts,
      table("Cells", ["Customer", "Agent", "State", "Since", { name: "Last wake", class: "number" }, { name: "Actions", class: "end" }], this.body),
      this.empty, this.create = this.dialog());
    this.close = listen("api/live", {
      cells: cells => this.render(cells),
      problem: problem => notice(problem.message, "bad"),
    }, state => { this.state.textContent = state; });
  }

  disconnectedCallback() {
    this.close();
  }

  render(cells) {
    this.empty.hidden = cells.length > 0;
    const states = Object.entries(Object.groupBy(cells, c => c.state)).map(([state, of]) => ({ state, count: of.length }));
    list(this.counts, states, s => s.state, s => h("li", {}, h("b", {}, String(s.count)), " ", badge(s.state)));
    list(this.body, cells, c => c.customer, cell => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: `#/cells/${path(cell.customer)}`, data: { focus: `open ${cell.customer}` } }, cell.customer)),
      h("td", {}, cell.agent),
      h("td", {}, badge(cell.state, cell.tier), cell.reason && h("div", { class: "reason" }, plain(cell.reason))),
      h("td", {}, moment(cell.changed)),
      h("td", { class: "number" }, duration(cell.timings?.wake_ms)),
      h("td", { class: "end" }, actions(cell))));
  }

  dialog() {
    const id = h("input", { id: "new-id", required: true, pattern: "[a-z0-9][a-z0-9\\-]{0,62}", autocomplete: "off" });
    const agent = h("input", { id: "new-agent", autocomplete: "off" });
    const config = h("textarea", { id: "new-config", rows: "3", spellcheck: "false", placeholder: "repoUrl=https://github.com/you/app" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const dialog = h("dialog", { "aria-labelledby": "new-title" }, h("form", { on: { submit: async e => {
      e.preventDefault();
      problem.hidden = true;
      try {
        const creating = post("api/customers", { id: id.value, agent: agent.value || undefined, config: parse(config.value) });
        // A refusal comes at once and belongs in the form; what takes longer is shown by the table.
        await Promise.race([creating, new Promise(done => setTimeout(done, 700))]);
        creating.then(() => notice(`The cell of ${id.value} is ready.`), e => notice(e.message, "bad"));
        dialog.close();
        e.target.reset();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      }
    } } },
    h("h2", { id: "new-title" }, "New customer"),
    h("label", { for: "new-id" }, "Id"), id, h("p", { class: "hint" }, "a–z, 0–9 and -, at most 63"),
    h("label", { for: "new-agent" }, "Agent"), agent, h("p", { class: "hint" }, "may be empty where the service has only one"),
    h("label", { for: "new-config" }, "Settings"), config, h("p", { class: "hint" }, "one name=value a line"), problem,
    h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel"),
      h("button", { type: "submit", class: "primary" }, "Create"))));
    return dialog;
  }
}

function parse(text) {
  const config = {};
  for (const line of text.split("\n").map(l => l.trim()).filter(l => l)) {
    const at = line.indexOf("=");
    if (at < 1) throw new Error(`"${line}" is not name=value.`);
    config[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return config;
}

/** What can be done with a cell in its state. */
export function actions(cell) {
  const at = `api/customers/${path(cell.customer)}`;
  const of = name => ({ data: { focus: `${name} ${cell.customer}` }, "aria-label": `${name} ${cell.customer}` });
  if (cell.state === "active") return [
    button("Freeze", () => post(`${at}/pause?tier=frozen`), of("Freeze")), " ",
    button("Stop", () => post(`${at}/pause?tier=stopped`), of("Stop"))];
  if (cell.state === "paused") return [button("Wake", () => post(`${at}/resume`), of("Wake"))];
  return [];
}

customElements.define("oc-cells", CellsPage);
