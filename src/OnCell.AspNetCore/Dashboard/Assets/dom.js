// The only place that makes elements. Text is always a text node, so what a repository, a file name or a log line holds
// can never become markup. The page's policy (Trusted Types without a policy) holds the browser to the same.

/** Makes an element. Properties: class, on (listeners), data (data-…), any other attribute. Children: nodes, text, lists. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else if (name === "href" && !value.startsWith("#")) throw new Error("links lead within the dashboard only");
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/** Shows a list: what has not changed stays as it is, with its focus and what is open in it. */
export function list(parent, items, keyOf, render) {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]));
  const focused = document.activeElement?.dataset?.focus;
  const inside = parent.contains(document.activeElement);
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const signature = JSON.stringify(item);
    let child = old.get(key);
    if (!child || child.signature !== signature) {
      const fresh = render(item, child);
      fresh.dataset.key = key;
      fresh.signature = signature;
      if (child && child !== fresh) {
        if (child === place) place = fresh;
        child.replaceWith(fresh);
      }
      child = fresh;
    }
    old.delete(key);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const child of old.values()) child.remove();
  if (inside && focused && !parent.contains(document.activeElement)) {
    [...parent.querySelectorAll("[data-focus]")].find(e => e.dataset.focus === focused)?.focus();
  }
}

/** A button that is dead while its work is under way and tells what went wrong. */
export function button(label, work, properties = {}) {
  const element = h("button", { type: "button", ...properties, on: { click: async () => {
    if (element.getAttribute("aria-disabled") === "true") return;
    element.setAttribute("aria-disabled", "true");
    try {
      await work();
    } catch (e) {
      notice(e.message, "bad");
    } finally {
      element.removeAttribute("aria-disabled");
    }
  } } }, label);
  return element;
}

/** Tells something in the corner; screen readers say it too. */
export function notice(text, kind = "good") {
  const box = document.getElementById("notices");
  const element = h("p", { class: `notice ${kind}` }, text, h("button", {
    type: "button", class: "plain", "aria-label": "Dismiss", on: { click: () => element.remove() },
  }, "✕"));
  box.append(element);
  while (box.children.length > 4) box.firstElementChild.remove();
  setTimeout(() => element.remove(), kind === "bad" ? 30000 : 8000);
}

/** A table with a caption that screen readers say, in a box that scrolls by itself. */
export function table(caption, columns, body) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map(c => h("th", { scope: "col", class: c.class }, c.name ?? c)))), body));
}
