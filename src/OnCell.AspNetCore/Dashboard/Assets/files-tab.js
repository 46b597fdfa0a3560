import { h, fill, button } from "./dom.js";
import { get, path } from "./api.js";
import { plain, bytes, moment } from "./format.js";

const MAX_ENTRIES = 1000;
const MAX_SHOWN = 512 * 1024;
const SNIFFED = 8000; // as git does: a zero byte near the beginning makes a file binary

/** The cell's files, to be looked at. The cell is woken for it. */
class FilesTab extends HTMLElement {
  connectedCallback() {
    this.base = `api/customers/${path(this.getAttribute("customer"))}/files`;
    this.where = h("p", { class: "mono" });
    this.entries = h("tbody");
    this.content = h("div", {}, h("p", { class: "muted" }, "Choose a file."));
    fill(this, h("div", { class: "files" },
      h("div", {}, this.where, h("div", { class: "scroll", role: "region", "aria-label": "Folder", tabindex: "0" },
        h("table", {}, h("caption", {}, "Entries of the folder"),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Name"), h("th", { scope: "col", class: "number" }, "Size"))), this.entries))),
      this.content));
    this.open("/work");
  }

  async open(folder) {
    let entries;
    try {
      entries = await get(`${this.base}?limit=${MAX_ENTRIES}&path=${encodeURIComponent(folder)}`);
    } catch (e) {
      fill(this.content, h("p", { class: "problem", role: "alert" }, e.message));
      return;
    }
    const up = folder === "/" ? null : folder.slice(0, folder.lastIndexOf("/")) || "/";
    fill(this.where, plain(folder), entries.length === MAX_ENTRIES && ` (the first ${MAX_ENTRIES})`);
    entries.sort((a, b) => (a.kind !== "folder") - (b.kind !== "folder"));
    fill(this.entries, up && line("..", () => this.open(up)), entries.map(e => {
      const full = `${folder === "/" ? "" : folder}/${e.name}`;
      if (e.kind === "folder" || e.kind === "link") return line(plain(e.name) + (e.kind === "link" ? " →" : "/"), () => this.open(full));
      return line(plain(e.name), e.kind === "file" ? () => this.show(full, e) : null, e.kind === "file" ? bytes(e.length) : e.kind);
    }));
  }

  async show(file, entry) {
    try {
      const text = entry.length > MAX_SHOWN ? null : await get(`${this.base}/content?path=${encodeURIComponent(file)}`) ?? "";
      const reason = text === null ? "It is too large to be shown." : text.slice(0, SNIFFED).includes("\0") ? "It is not text." : null;
      fill(this.content, h("p", {}, h("b", { class: "mono" }, plain(file)), h("span", { class: "muted" }, ` · ${bytes(entry.length)} · `, moment(entry.modified))),
        reason ? h("p", { class: "muted" }, reason) : h("pre", { tabindex: "0", "aria-label": `Content of ${plain(file)}` }, plain(text)));
    } catch (e) {
      fill(this.content, h("p", { class: "problem", role: "alert" }, e.message));
    }
  }
}

const line = (name, open, size = "") => h("tr", {},
  h("td", { class: "mono" }, open ? button(name, open, { class: "plain mono" }) : name), h("td", { class: "number" }, size));

customElements.define("oc-files", FilesTab);
