import { h, fill, button } from "./dom.js";
import { get, path } from "./api.js";
import { plain, bytes, moment } from "./format.js";

/** The cell's files, to be looked at. The cell is woken for it. */
class FilesTab extends HTMLElement {
  connectedCallback() {
    this.base = `api/cells/${path(this.getAttribute("customer"))}/files`;
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
    let listing;
    try {
      listing = await get(`${this.base}?path=${encodeURIComponent(folder)}`);
    } catch (e) {
      fill(this.content, h("p", { class: "problem", role: "alert" }, e.message));
      return;
    }
    const up = folder === "/" ? null : folder.slice(0, folder.lastIndexOf("/")) || "/";
    fill(this.where, plain(folder), listing.truncated && " (not all is shown)");
    fill(this.entries, up && line("..", () => this.open(up)), listing.entries.map(e => {
      const full = `${folder === "/" ? "" : folder}/${e.name}`;
      if (e.kind === "folder" || e.kind === "link") return line(plain(e.name) + (e.kind === "link" ? " →" : "/"), () => this.open(full));
      return line(plain(e.name), e.kind === "file" ? () => this.show(full, e) : null, e.kind === "file" ? bytes(e.length) : e.kind);
    }));
  }

  async show(file, entry) {
    try {
      const { text, reason, length } = await get(`${this.base}/content?path=${encodeURIComponent(file)}`);
      fill(this.content, h("p", {}, h("b", { class: "mono" }, plain(file)), h("span", { class: "muted" }, ` · ${bytes(length)} · `, moment(entry.modified))),
        text === undefined ? h("p", { class: "muted" }, reason) : h("pre", { tabindex: "0", "aria-label": `Content of ${plain(file)}` }, plain(text)));
    } catch (e) {
      fill(this.content, h("p", { class: "problem", role: "alert" }, e.message));
    }
  }
}

const line = (name, open, size = "") => h("tr", {},
  h("td", { class: "mono" }, open ? button(name, open, { class: "plain mono" }) : name), h("td", { class: "number" }, size));

customElements.define("oc-files", FilesTab);
