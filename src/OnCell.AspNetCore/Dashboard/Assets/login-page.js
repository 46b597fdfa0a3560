import { h, fill } from "./dom.js";
import { post } from "./api.js";

/** Asks for an API key and trades it for a cookie that no script can read. */
class LoginPage extends HTMLElement {
  connectedCallback() {
    const key = h("input", { type: "password", id: "key", name: "key", autocomplete: "current-password", required: true, spellcheck: "false" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const form = h("form", { class: "card login", on: { submit: async e => {
      e.preventDefault();
      problem.hidden = true;
      try {
        await post("session", { key: key.value.trim() });
        key.value = "";
        this.dispatchEvent(new Event("signed-in"));
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        key.focus();
      }
    } } },
    h("h1", {}, "Sign in"),
    h("p", { class: "muted" }, "With an API key of this service. It stays with the service; this browser gets a session."),
    h("label", { for: "key" }, "API key"), key, problem, h("button", { type: "submit", class: "primary" }, "Sign in"));
    fill(this, form);
    key.focus();
  }
}

customElements.define("oc-login", LoginPage);
