// The shell: who is signed in, which page is shown, light or dark.
import { h, fill, button } from "./dom.js";
import { call, get, onSignedOut } from "./api.js";
import "./cells-page.js";
import "./cell-page.js";
import "./run-page.js";
import "./login-page.js";

const main = document.getElementById("main");
const pages = [
  { match: /^\/?$/, tag: "oc-cells", title: "Cells", nav: "cells" },
  { match: /^\/cells\/([^/]+)(?:\/([a-z]+))?$/, tag: "oc-cell", title: "Cell", nav: "cells", names: ["customer", "tab"] },
  { match: /^\/runs\/([^/]+)\/([^/]+)$/, tag: "oc-run", title: "Run", nav: "cells", names: ["customer", "run"] },
];
let session = {};
let shown = "";

function show() {
  const route = decodeURI(location.hash.replace(/^#/, ""));
  if (route === "main") return;
  const page = pages.find(p => p.match.test(route)) ?? pages[0];
  const values = page.match.exec(route)?.slice(1) ?? [];
  const attributes = Object.fromEntries((page.names ?? []).map((name, i) => [name, values[i] && decodeURIComponent(values[i])]));
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.nav === page.nav) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${attributes.run ?? attributes.customer ?? page.title} · OnCell`;
  const identity = `${page.tag} ${attributes.customer} ${attributes.run}`;
  const current = main.firstElementChild;
  if (identity === shown && current?.show) {
    current.show(attributes);
    return;
  }
  const first = shown === "";
  shown = identity;
  fill(main, h(page.tag, attributes));
  window.scrollTo(0, 0);
  if (!first) main.focus({ preventScroll: true });
}

function theme() {
  const names = ["auto", "light", "dark"];
  const saved = localStorage.getItem("oncell.theme");
  const now = names.includes(saved) ? saved : "auto";
  const apply = name => {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
  };
  apply(now);
  return h("label", { class: "theme" }, h("span", { class: "hidden" }, "Colours"),
    h("select", { on: { change: e => { localStorage.setItem("oncell.theme", e.target.value); apply(e.target.value); } } },
      names.map(name => h("option", { value: name, selected: name === now }, { auto: "As the system", light: "Light", dark: "Dark" }[name]))));
}

function shell() {
  fill(document.getElementById("nav"),
    h("a", { href: "#/", data: { nav: "cells" } }, "Cells"));
  fill(document.getElementById("tools"), theme(),
    session.name && h("span", { class: "who" }, session.name),
    session.canSignOut && button("Sign out", async () => { await call("DELETE", "session"); signIn(); }, { class: "plain" }));
}

function signIn() {
  shown = "oc-login";
  fill(document.getElementById("nav"));
  fill(document.getElementById("tools"), theme());
  document.title = "Sign in · OnCell";
  const login = h("oc-login");
  login.addEventListener("signed-in", start);
  fill(main, login);
}

async function start() {
  onSignedOut(signIn);
  try {
    session = await get("session");
  } catch (e) {
    if (e.status === 401) return signIn();
    fill(main, h("p", { class: "problem", role: "alert" }, e.message), button("Try again", start));
    return;
  }
  shown = "";
  shell();
  show();
}

document.getElementById("skip").addEventListener("click", e => { e.preventDefault(); main.focus(); });
window.addEventListener("hashchange", () => { if (shown !== "oc-login") show(); });
start();
