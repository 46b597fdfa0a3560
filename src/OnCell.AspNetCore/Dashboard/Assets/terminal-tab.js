import { h, fill, button } from "./dom.js";
import { path } from "./api.js";
import { Screen } from "./terminal-screen.js";

const keys = {
  ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D", Home: "H", End: "F",
};
const others = {
  Enter: "\r", Backspace: "\u007f", Tab: "\t", Escape: "\u001b", Delete: "\u001b[3~", Insert: "\u001b[2~", PageUp: "\u001b[5~", PageDown: "\u001b[6~",
  F1: "\u001bOP", F2: "\u001bOQ", F3: "\u001bOR", F4: "\u001bOS", F5: "\u001b[15~", F6: "\u001b[17~", F7: "\u001b[18~", F8: "\u001b[19~", F9: "\u001b[20~", F10: "\u001b[21~",
};

/** A terminal in the cell: a shell of its own over a WebSocket, gone with the page. */
class TerminalTab extends HTMLElement {
  connectedCallback() {
    this.state = h("span", { class: "live", role: "status" }, "not connected");
    this.view = h("pre", { class: "screen", tabindex: "0", role: "textbox", "aria-multiline": "true", "aria-label": "Terminal. Control with Shift and Tab leaves it.",
      on: { keydown: e => this.key(e), paste: e => this.paste(e) } });
    this.spoken = h("div", { class: "hidden", role: "log", "aria-live": "polite" });
    fill(this, h("div", { class: "row" }, this.again = button("Connect", () => this.connect()), this.state,
      h("span", { class: "muted" }, "Ctrl+Shift+Tab leaves the terminal. The shell ends with this page.")), this.view, this.spoken);
    this.measure();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.view);
    this.connect();
  }

  disconnectedCallback() {
    this.observer.disconnect();
    this.socket?.close();
  }

  /** How many characters fit. */
  measure() {
    const probe = h("span", { class: "probe" }, "MMMMMMMMMM");
    this.view.append(probe);
    const box = probe.getBoundingClientRect();
    probe.remove();
    if (!box.width) return;
    const columns = Math.max(20, Math.min(400, Math.floor((this.view.clientWidth - 20) / (box.width / 10))));
    if (columns === this.columns) return;
    this.columns = columns;
    this.rows = 26;
    this.screen?.resize(this.rows, this.columns);
    this.send(JSON.stringify({ resize: { rows: this.rows, columns: this.columns } }));
    this.draw();
  }

  connect() {
    this.socket?.close();
    this.screen = new Screen(this.rows ?? 26, this.columns ?? 100, text => this.type(text));
    const url = new URL(`api/cells/${path(this.getAttribute("customer"))}/shell?rows=${this.screen.rows}&columns=${this.screen.columns}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    const socket = new WebSocket(url);
    const decoder = new TextDecoder();
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.state.textContent = "connecting";
    socket.addEventListener("open", () => { this.state.textContent = "connected"; this.again.hidden = true; this.view.focus(); });
    socket.addEventListener("message", e => {
      if (typeof e.data === "string") {
        const last = JSON.parse(e.data);
        this.state.textContent = last.error ?? `the shell ended with ${last.exitCode}`;
        this.ended = true;
        return;
      }
      this.screen.write(decoder.decode(e.data, { stream: true }));
      this.draw();
    });
    socket.addEventListener("close", () => {
      if (socket !== this.socket) return;
      if (!this.ended) this.state.textContent = "the connection ended; the cell may be busy, or it cannot be used";
      this.ended = false;
      this.again.hidden = false;
    });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(message);
  }

  type(text) {
    this.send(new TextEncoder().encode(text));
  }

  paste(e) {
    e.preventDefault();
    const text = e.clipboardData.getData("text").replace(/\r?\n/g, "\r");
    this.type(this.screen.pasteMarks ? `\u001b[200~${text.replaceAll("\u001b", "")}\u001b[201~` : text);
  }

  key(e) {
    if (e.isComposing || e.metaKey || (e.ctrlKey && e.shiftKey)) {
      if (e.key === "Tab") { e.preventDefault(); this.closest("oc-cell")?.querySelector("[aria-selected=true]")?.focus(); }
      return;
    }
    const text = this.translate(e);
    if (text === undefined) return;
    e.preventDefault();
    this.type(text);
  }

  translate(e) {
    if (e.key in keys) return `\u001b${this.screen.applicationKeys ? "O" : "["}${keys[e.key]}`;
    if (e.key === "Tab" && e.shiftKey) return "\u001b[Z";
    if (e.key in others) return others[e.key];
    if (e.key.length !== 1) return undefined;
    if (e.ctrlKey && !e.altKey) {
      // What is marked is copied; without a mark, Ctrl+C goes to the cell as in any terminal.
      if (e.key === "c" && String(getSelection())) return undefined;
      if (e.key === "v") return undefined;
      const code = e.key.toUpperCase().charCodeAt(0);
      return code >= 63 && code <= 95 ? String.fromCharCode(code & 31) : e.key === " " ? "\u0000" : undefined;
    }
    return e.altKey ? `\u001b${e.key}` : e.key;
  }

  draw() {
    if (this.drawing || !this.screen) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const { screen, view } = this;
      const atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 30;
      const past = screen.other ? [] : screen.history;
      fill(view, past.map(line => row(line, -1)), screen.lines.map((line, r) => row(line, screen.cursor && r === screen.row ? screen.column : -1)));
      if (atEnd) view.scrollTop = view.scrollHeight;
      clearTimeout(this.saying);
      this.saying = setTimeout(() => { this.spoken.textContent = screen.lines[Math.max(0, screen.row - 1)].map(c => c.text).join("").trimEnd(); }, 700);
    });
  }
}

/** A line as few pieces, each of one style. */
function row(line, cursor) {
  const pieces = [];
  let text = "";
  let style = null;
  let end = line.length;
  while (end > 0 && line[end - 1].text === " " && !line[end - 1].style.bg && !line[end - 1].style.inverse && end - 1 > cursor) end--;
  const flush = () => { if (text) pieces.push(piece(text, style)); text = ""; };
  for (let i = 0; i < end; i++) {
    if (i === cursor) {
      flush();
      pieces.push(h("span", { class: "cursor" }, line[i].text));
      continue;
    }
    if (line[i].style !== style) { flush(); style = line[i].style; }
    text += line[i].text;
  }
  flush();
  return [pieces, "\n"];
}

function piece(text, style) {
  const names = ["bold", "dim", "italic", "under", "inverse"].filter(n => style[n]);
  if (!names.length && style.fg === null && style.bg === null) return text;
  const element = h("span", { class: names.join(" ") || undefined }, text);
  colour(element, "fg", "color", style.fg);
  colour(element, "bg", "backgroundColor", style.bg);
  return element;
}

/** The sixteen named colours follow the theme; the others are as the program says. */
function colour(element, kind, property, value) {
  if (value === null) return;
  if (Array.isArray(value)) element.style[property] = `rgb(${value.join(",")})`;
  else if (value < 16) element.classList.add(`${kind}${value}`);
  else if (value < 232) {
    const n = value - 16;
    element.style[property] = `rgb(${[Math.floor(n / 36), Math.floor(n / 6) % 6, n % 6].map(x => (x ? x * 40 + 55 : 0)).join(",")})`;
  } else element.style[property] = `rgb(${Array(3).fill(8 + (value - 232) * 10).join(",")})`;
}

customElements.define("oc-terminal", TerminalTab);
