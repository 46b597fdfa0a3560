import { h, fill, table } from "./dom.js";
import { get, path } from "./api.js";
import { bytes, plain } from "./format.js";

const seconds = n => n < 120 ? `${n.toFixed(1)} s` : n < 7200 ? `${(n / 60).toFixed(1)} min` : `${(n / 3600).toFixed(1)} h`;
const number = n => Math.round(n).toLocaleString("en");
const gigabyteHours = n => n < 3600e8 ? `${(n / 3600e6).toFixed(1)} MB h` : `${(n / 3600e9).toFixed(1)} GB h`;

/** What the meters are called, and how their amounts are written. */
const meters = {
  "active_seconds": ["Active", seconds], "paused_seconds": ["Paused", seconds], "cpu_seconds": ["Processor", seconds],
  "memory_byte_seconds": ["Memory", gigabyteHours], "disk_byte_seconds": ["Disk", gigabyteHours],
  "input_tokens": ["Tokens in", number], "output_tokens": ["Tokens out", number],
  "egress_bytes": ["Network out", bytes], "ingress_bytes": ["Network in", bytes],
};

/** What the customer used this month, hour by hour, and how far its quotas are. */
class UsageTab extends HTMLElement {
  async connectedCallback() {
    fill(this, h("p", { class: "muted", role: "status" }, "Reading what was used …"));
    const month = new Date();
    month.setUTCDate(1);
    month.setUTCHours(0, 0, 0, 0);
    try {
      this.show(await get(`api/customers/${path(this.getAttribute("customer"))}/usage?since=${month.toISOString()}`));
    } catch (problem) {
      fill(this, h("p", { class: "problem", role: "alert" }, plain(problem.message)));
    }
  }

  show(usage) {
    const order = Object.keys(meters);
    const names = Object.keys(usage.totals).sort((a, b) => order.indexOf(a) - order.indexOf(b) || a.localeCompare(b));
    fill(this,
      usage.quotas.length > 0 && h("div", { class: "card" }, h("h2", {}, "Quotas"), usage.quotas.map(quota)),
      names.length === 0 ? h("p", { class: "muted" }, "Nothing was used this month.") : table(
        "Usage of this month", ["Meter", { name: "This month", class: "number" }, "By day"],
        h("tbody", {}, names.map(name => row(name, usage)))));
  }
}

const titled = name => meters[name] ?? [name.replaceAll("_", " "), number];

const amount = (q, n) => q.quota === "storage" ? bytes(n) : number(n);

const quota = q => h("div", { class: "quota" },
  h("label", { for: `quota-${q.quota}` }, `${q.quota.replace(/([A-Z])/g, " $1").toLowerCase()}: ${amount(q, q.used)} of ${amount(q, q.limit)}${q.until ? " this month" : ""}${q.own ? ", set for this customer" : ""}`),
  h("meter", { class: "bar", id: `quota-${q.quota}`, min: "0", max: String(q.limit), value: String(Math.min(q.used, q.limit)) }));

/** A meter with a bar for each day: its height is the day's share of the largest day. */
function row(name, usage) {
  const [title, write] = titled(name);
  const days = new Map();
  for (const record of usage.records.filter(r => r.meter === name)) {
    const day = record.hour.slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + record.amount);
  }
  const most = Math.max(...days.values(), 1e-9);
  const bars = [...days].sort().map(([day, amount]) => h("meter", {
    class: "day", min: "0", max: "1", value: String(amount / most), title: `${day}: ${write(amount)}`, "aria-label": `${day}: ${write(amount)}`,
  }));
  return h("tr", {}, h("th", { scope: "row" }, title), h("td", { class: "number" }, write(usage.totals[name])), h("td", {}, h("span", { class: "days" }, bars)));
}

customElements.define("oc-usage", UsageTab);
