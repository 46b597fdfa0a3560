import { h, fill, button, table } from "./dom.js";
import { get, path } from "./api.js";
import { plain } from "./format.js";

const words = { M: "changed", A: "added", D: "removed", R: "renamed", C: "copied", U: "in conflict", T: "type changed", "?": "new" };

/** What git says of the repository: branch, changed files, the difference. Asked in the cell, which it wakes. */
class GitTab extends HTMLElement {
  connectedCallback() {
    this.customer = this.getAttribute("customer");
    this.content = h("div");
    fill(this, h("div", { class: "row" }, button("Look again", () => this.load()), h("span", { class: "muted" }, "git runs in the cell and wakes it where it is paused.")), this.content);
    this.load();
  }

  async load() {
    fill(this.content, h("p", { class: "muted", role: "status" }, "Asking git …"));
    let git;
    try {
      git = await get(`api/cells/${path(this.customer)}/git`);
    } catch (e) {
      fill(this.content, h("p", { class: "problem", role: "alert" }, e.message));
      return;
    }
    const body = h("tbody", {}, git.files.map(f => h("tr", {},
      h("td", {}, h("span", { class: `badge ${f.state === "?" || f.state === "A" ? "good" : f.state === "D" || f.state === "U" ? "bad" : "busy"}` }, words[f.state] ?? f.state)),
      h("td", { class: "mono" }, f.oldPath && `${plain(f.oldPath)} → `, plain(f.path)))));
    fill(this.content,
      h("p", {}, "On ", h("b", { class: "mono" }, plain(git.branch ?? "no branch")), git.upstream && [", follows ", h("span", { class: "mono" }, plain(git.upstream))],
        git.ahead > 0 && `, ${git.ahead} ahead`, git.behind > 0 && `, ${git.behind} behind`, "."),
      git.files.length === 0 ? h("p", { class: "muted" }, "Nothing has changed since the last commit.") : table("Changed files", [{ name: "State", class: "narrow" }, "File"], body),
      git.truncated && h("p", { class: "problem" }, "There is more than can be shown."),
      git.diff && h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Difference" }, h("pre", { class: "diff" }, lines(git.diff))));
  }
}

function lines(diff) {
  let inHead = false;
  return diff.split("\n").map(line => {
    if (line.startsWith("diff --git ")) inHead = true;
    if (line.startsWith("@@")) inHead = false;
    const kind = inHead ? "file" : line.startsWith("@@") ? "hunk" : line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "";
    return h("span", { class: kind }, plain(line), "\n");
  });
}

customElements.define("oc-git", GitTab);
