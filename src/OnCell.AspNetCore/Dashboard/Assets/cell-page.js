import { h, fill, button, notice } from "./dom.js";
import { listen, remove, path } from "./api.js";
import { badge, moment, duration, plain } from "./format.js";
import { actions } from "./cells-page.js";
import "./runs-tab.js";
import "./network-tab.js";
import "./files-tab.js";
import "./git-tab.js";
import "./terminal-tab.js";
import "./usage-tab.js";

const tabs = [
  ["overview", "Overview"], ["runs", "Runs"], ["network", "Network"], ["files", "Files"], ["git", "Changes"], ["usage", "Usage"], ["terminal", "Terminal"],
];

/** One cell: what it is, its runs, its network decisions, its files and changes, a terminal. */
class CellPage extends HTMLElement {
  connectedCallback() {
    this.customer = this.getAttribute("customer");
    this.seen = {};
    this.head = h("span", { class: "row" });
    this.state = h("span", { class: "live", role: "status" }, "connecting");
    this.nav = h("div", { class: "tabs", role: "tablist", "aria-label": `Cell ${this.customer}` }, tabs.map(([id, name]) => h("a", {
      role: "tab", id: `tab-${id}`, "aria-controls": "panel", href: `#/cells/${path(this.customer)}/${id}`, on: { keydown: e => this.arrow(e) },
    }, name)));
    this.panel = h("section", { role: "tabpanel", id: "panel", tabindex: "0" });
    fill(this,
      h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Cells"), " / "),
      h("div", { class: "head" }, h("h1", {}, this.customer), this.head, this.state, h("span", { class: "grow" }), this.verbs = h("span", { class: "row" })),
      this.nav, this.panel);
    this.close = listen(`api/live?customer=${encodeURIComponent(this.customer)}`, {
      cell: cell => this.update("cell", cell),
      runs: runs => this.update("runs", runs),
      egress: egress => this.update("egress", egress),
      problem: problem => fill(this.head, h("span", { class: "problem" }, problem.message)),
    }, state => { this.state.textContent = state; });
    this.show({ tab: this.getAttribute("tab") });
  }

  disconnectedCallback() {
    this.close();
  }

  /** Shows a tab; the page, its stream and what it knows stay. */
  show({ tab }) {
    tab = tabs.some(([id]) => id === tab) ? tab : "overview";
    for (const link of this.nav.children) {
      const chosen = link.id === `tab-${tab}`;
      link.setAttribute("aria-selected", String(chosen));
      link.tabIndex = chosen ? 0 : -1;
    }
    if (this.tab === tab) return;
    this.tab = tab;
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    this.content = tab === "overview" ? h("div", { class: "cards" }) : h(`oc-${tab}`, { customer: this.customer });
    fill(this.panel, this.content);
    for (const name of Object.keys(this.seen)) this.update(name, this.seen[name]);
  }

  update(name, value) {
    this.seen[name] = value;
    if (name === "cell") {
      fill(this.head, badge(value.state, value.tier));
      const focused = this.verbs.contains(document.activeElement) && document.activeElement.dataset.focus?.split(" ")[0];
      fill(this.verbs, actions(value), " ", value.state !== "deleting" && value.state !== "creating" && this.removal());
      if (focused) this.verbs.querySelector("button")?.focus();
    }
    if (this.tab === "overview") this.overview();
    else this.content.update?.(name, value);
  }

  overview() {
    const { cell, runs = [], egress = [] } = this.seen;
    if (!cell) return;
    const open = runs.filter(r => r.state === "running").length;
    const waiting = runs.filter(r => r.state === "needsDecision").length;
    const denied = egress.filter(e => !e.allowed).length;
    fill(this.content,
      h("div", { class: "card" }, h("h2", {}, "Cell"), facts([
        ["Agent", cell.agent], ["State", badge(cell.state, cell.tier)], cell.reason && ["Reason", plain(cell.reason)],
        ["Created", moment(cell.created)], ["Since", moment(cell.changed)]])),
      h("div", { class: "card" }, h("h2", {}, "Activity"), facts([
        ["Runs under way", String(open)], ["Waiting for a person", waiting ? h("b", {}, String(waiting)) : "0"],
        ["Runs shown", String(runs.length)], ["Connections denied", denied ? h("a", { href: `#/cells/${path(this.customer)}/network` }, String(denied)) : "0"]])),
      Object.keys(cell.timings ?? {}).length > 0 && h("div", { class: "card" }, h("h2", {}, "Timings"),
        facts(Object.entries(cell.timings).map(([name, ms]) => [name.replace(/_ms$/, ""), duration(ms)]))));
  }

  removal() {
    const typed = h("input", { id: "confirm", autocomplete: "off" });
    const dialog = h("dialog", { "aria-labelledby": "delete-title" }, h("h2", { id: "delete-title" }, `Delete ${this.customer}?`),
      h("p", {}, "Its runs end and its files, journal and index are removed. This cannot be undone."),
      h("label", { for: "confirm" }, "Type the id to confirm"), typed,
      h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel"),
        button("Delete", async () => {
          if (typed.value !== this.customer) throw new Error("The id does not match.");
          dialog.close();
          await remove(`api/customers/${path(this.customer)}`);
          notice(`${this.customer} is deleted.`);
          location.hash = "#/";
        }, { class: "danger" })));
    return [button("Delete", async () => { if (!dialog.isConnected) this.append(dialog); dialog.showModal(); }, { data: { focus: "Delete" } })];
  }

  arrow(e) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const all = [...this.nav.children];
    const next = all[(all.indexOf(e.target) + step + all.length) % all.length];
    location.hash = next.getAttribute("href");
    next.focus();
  }
}

export const facts = rows => h("dl", { class: "facts" }, rows.filter(r => r).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

customElements.define("oc-cell", CellPage);
