import { h, fill, list, button, table, notice } from "./dom.js";
import { badge, moment, bytes, plain } from "./format.js";

/** What the cell asked of the network and what was decided; a denial with the rule that would allow it. */
class NetworkTab extends HTMLElement {
  connectedCallback() {
    this.denials = h("ul", { class: "denials", "aria-label": "Denied, with the rule to add" });
    this.box = h("div", { class: "card warn", hidden: true }, h("h2", {}, "Denied"),
      h("p", { class: "muted" }, "Nothing leaves a cell that no rule allows. To allow one of these, add the rule to the agent's Network.Allow."), this.denials);
    this.body = h("tbody");
    this.empty = h("p", { class: "muted", hidden: true }, "No connection was asked for since the service started.");
    fill(this, this.box, table("Network decisions", ["Time", "Decision", "To", "Rule or reason", { name: "Out", class: "number" }, { name: "In", class: "number" }], this.body), this.empty);
  }

  update(name, egress) {
    if (name !== "egress") return;
    const denied = new Map(egress.filter(e => !e.allowed).map(e => [`${e.host}:${e.port}`, e]));
    this.box.hidden = denied.size === 0;
    list(this.denials, [...denied.values()], e => `${e.host}:${e.port}`, e => h("li", {},
      h("span", { class: "mono" }, plain(`${e.host}:${e.port}`)), h("code", {}, plain(rule(e))), button("Copy the rule", async () => {
        // Browsers give the clipboard to pages over https and on this machine only.
        if (!navigator.clipboard) throw new Error(`This page may not write to the clipboard. The rule is: ${rule(e)}`);
        await navigator.clipboard.writeText(rule(e));
        notice(`Copied: ${rule(e)}`);
      }, { "aria-label": `Copy the rule for ${e.host}`, data: { focus: `${e.host}:${e.port}` } })));
    this.empty.hidden = egress.length > 0;
    list(this.body, egress.map((e, i) => ({ ...e, i })).reverse(), e => `${e.time} ${e.i} ${e.host}:${e.port}`, e => h("tr", {},
      h("td", {}, moment(e.time)), h("td", {}, badge(e.allowed ? "allowed" : "denied", e.closed && "ended")),
      h("td", { class: "mono" }, plain(`${e.host}:${e.port}`)), h("td", {}, plain(e.rule ?? e.reason ?? "")),
      h("td", { class: "number" }, e.closed ? bytes(e.bytesOut) : ""), h("td", { class: "number" }, e.closed ? bytes(e.bytesIn) : "")));
  }
}

/** The narrowest rule: this name, and the port where it is not the usual one. */
const rule = e => e.port === 443 || e.port === 80 ? e.host : `${e.host}:${e.port}`;

customElements.define("oc-network", NetworkTab);
