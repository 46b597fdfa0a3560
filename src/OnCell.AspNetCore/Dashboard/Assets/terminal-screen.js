// A screen as programs for terminals expect it (xterm's most used part): text, colours, cursor, scroll region, two screens.
// It holds cells only; terminal-tab.js shows them. Text stays text: nothing a program prints can become anything else.

const maxHistory = 2000;
const plainStyle = Object.freeze({ fg: null, bg: null, bold: false, dim: false, italic: false, under: false, inverse: false });

export class Screen {
  constructor(rows, columns, reply) {
    this.reply = reply;
    this.history = [];
    this.state = "text";
    this.saved = null;
    this.title = "";
    this.resize(rows, columns);
  }

  resize(rows, columns) {
    const old = this.lines ?? [];
    while (old.length > rows && this.row > 0 && old.length > this.row + 1) old.pop();
    while (old.length > rows) { this.keep(old.shift()); this.row = Math.max(0, this.row - 1); }
    this.rows = rows;
    this.columns = columns;
    this.lines = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => old[r]?.[c] ?? this.blank()));
    this.top = 0;
    this.bottom = rows - 1;
    this.row = Math.min(this.row ?? 0, rows - 1);
    this.column = Math.min(this.column ?? 0, columns - 1);
    this.style ??= plainStyle;
    this.cursor ??= true;
    this.wrap = false;
  }

  blank() { return { text: " ", style: this.style?.bg ? { ...plainStyle, bg: this.style.bg } : plainStyle }; }
  emptyLine() { return Array.from({ length: this.columns }, () => this.blank()); }
  keep(line) { if (!this.other) { this.history.push(line); if (this.history.length > maxHistory) this.history.shift(); } }

  write(text) { for (const character of text) this.put(character); }

  put(c) {
    switch (this.state) {
      case "escape": return this.escape(c);
      case "csi": return this.collect(c);
      case "osc": return this.text(c);
      case "skip": this.state = "text"; return undefined;
      default: return c < " " || c === "\u007f" ? this.control(c) : this.print(c);
    }
  }

  control(c) {
    if (c === "\u001b") this.state = "escape";
    else if (c === "\n" || c === "\u000b" || c === "\u000c") this.lineFeed();
    else if (c === "\r") { this.column = 0; this.wrap = false; }
    else if (c === "\b") { this.column = Math.max(0, this.column - 1); this.wrap = false; }
    else if (c === "\t") this.column = Math.min(this.columns - 1, (this.column & ~7) + 8);
  }

  print(c) {
    if (this.wrap) { this.column = 0; this.wrap = false; this.lineFeed(); }
    const joins = /^\p{M}$|^[\u200d\ufe0f]$/u.test(c);
    if (joins) {
      const before = this.lines[this.row][Math.max(0, this.column - 1)];
      if (before.text.length < 12) this.lines[this.row][Math.max(0, this.column - 1)] = { ...before, text: before.text + c };
      return;
    }
    this.lines[this.row][this.column] = { text: c, style: this.style };
    if (this.column === this.columns - 1) this.wrap = true;
    else this.column++;
  }

  lineFeed() {
    if (this.row === this.bottom) this.scroll(1);
    else if (this.row < this.rows - 1) this.row++;
  }

  scroll(count) {
    for (let i = 0; i < Math.min(Math.abs(count), this.rows); i++) {
      if (count > 0) {
        const [gone] = this.lines.splice(this.top, 1);
        if (this.top === 0) this.keep(gone);
        this.lines.splice(this.bottom, 0, this.emptyLine());
      } else {
        this.lines.splice(this.bottom, 1);
        this.lines.splice(this.top, 0, this.emptyLine());
      }
    }
  }

  escape(c) {
    this.state = "text";
    if (c === "[") { this.state = "csi"; this.sequence = ""; }
    else if (c === "]" || c === "P" || c === "^" || c === "_") { this.state = "osc"; this.sequence = ""; }
    else if ("()*+#%".includes(c)) this.state = "skip";
    else if (c === "7") this.saved = { row: this.row, column: this.column, style: this.style };
    else if (c === "8") this.restore();
    else if (c === "D") this.lineFeed();
    else if (c === "E") { this.column = 0; this.lineFeed(); }
    else if (c === "M") { if (this.row === this.top) this.scroll(-1); else this.row = Math.max(0, this.row - 1); }
    else if (c === "c") { this.style = plainStyle; this.erase(2); this.row = this.column = 0; this.top = 0; this.bottom = this.rows - 1; }
  }

  /** The text of an OSC, which ends with BEL or ESC \; only titles are of use. */
  text(c) {
    if (c === "\u0007" || c === "\u001b") {
      const title = /^[02];(.*)$/s.exec(this.sequence);
      if (title) this.title = title[1].slice(0, 120);
      this.state = c === "\u001b" ? "skip" : "text";
    } else if (this.sequence.length < 4096) this.sequence += c;
  }

  collect(c) {
    if (c >= "@" && c <= "~") { this.state = "text"; this.command(c, this.sequence); }
    else if (c === "\u001b") this.state = "escape";
    else if (c < " ") this.control(c);
    else if (this.sequence.length < 128) this.sequence += c;
  }

  command(c, sequence) {
    const mode = /^[?>=!]/.test(sequence) ? sequence[0] : "";
    const values = sequence.slice(mode.length).split(/[;:]/).map(v => parseInt(v, 10));
    const first = Math.min(Number.isNaN(values[0]) ? 1 : Math.max(1, values[0]), 1000);
    const zero = Number.isNaN(values[0]) ? 0 : values[0];
    if (mode === "?" && (c === "h" || c === "l")) return values.forEach(v => this.option(v, c === "h"));
    if (mode) return undefined;
    this.wrap = false;
    switch (c) {
      case "A": this.row = Math.max(this.row < this.top ? 0 : this.top, this.row - first); break;
      case "B": case "e": this.row = Math.min(this.row > this.bottom ? this.rows - 1 : this.bottom, this.row + first); break;
      case "C": case "a": this.column = Math.min(this.columns - 1, this.column + first); break;
      case "D": this.column = Math.max(0, this.column - first); break;
      case "E": this.column = 0; this.row = Math.min(this.rows - 1, this.row + first); break;
      case "F": this.column = 0; this.row = Math.max(0, this.row - first); break;
      case "G": case "`": this.column = Math.min(this.columns, first) - 1; break;
      case "d": this.row = Math.min(this.rows, first) - 1; break;
      case "H": case "f":
        this.row = Math.min(this.rows, first) - 1;
        this.column = Math.min(this.columns, Math.max(1, values[1] || 1)) - 1;
        break;
      case "J": this.erase(zero); break;
      case "K": this.eraseLine(zero); break;
      case "L": case "M": this.shift(c === "L" ? -first : first); break;
      case "P": this.lines[this.row].splice(this.column, first); this.pad(); break;
      case "@":
        this.lines[this.row].splice(this.column, 0, ...Array.from({ length: Math.min(first, this.columns) }, () => this.blank()));
        this.lines[this.row].length = this.columns;
        break;
      case "X": for (let i = this.column; i < Math.min(this.columns, this.column + first); i++) this.lines[this.row][i] = this.blank(); break;
      case "S": this.scroll(first); break;
      case "T": this.scroll(-first); break;
      case "m": this.paint(sequence === "" ? [0] : values.map(v => v || 0)); break;
      case "n": if (zero === 6) this.reply(`\u001b[${this.row + 1};${this.column + 1}R`); else if (zero === 5) this.reply("\u001b[0n"); break;
      case "c": this.reply("\u001b[?1;2c"); break;
      case "r":
        this.top = Math.min(this.rows, first) - 1;
        this.bottom = Math.min(this.rows, values[1] || this.rows) - 1;
        if (this.top >= this.bottom) { this.top = 0; this.bottom = this.rows - 1; }
        this.row = this.column = 0;
        break;
      case "s": this.saved = { row: this.row, column: this.column, style: this.style }; break;
      case "u": this.restore(); break;
    }
    return undefined;
  }

  restore() {
    if (!this.saved) return;
    this.row = Math.min(this.saved.row, this.rows - 1);
    this.column = Math.min(this.saved.column, this.columns - 1);
    this.style = this.saved.style;
  }

  pad() { while (this.lines[this.row].length < this.columns) this.lines[this.row].push(this.blank()); }

  shift(count) {
    if (this.row < this.top || this.row > this.bottom) return;
    const top = this.top;
    this.top = this.row;
    const keep = this.keep;
    this.keep = () => {};
    this.scroll(count);
    this.keep = keep;
    this.top = top;
  }

  erase(what) {
    if (what === 3) { this.history = []; return; }
    if (what === 2 && !this.other) for (const line of this.lines.slice(0, this.row + 1)) this.keep(line);
    const from = what === 0 ? this.row + 1 : 0;
    const to = what === 1 ? this.row : this.rows;
    for (let r = from; r < to; r++) this.lines[r] = this.emptyLine();
    if (what < 2) this.eraseLine(what);
  }

  eraseLine(what) {
    const from = what === 0 ? this.column : 0;
    const to = what === 1 ? this.column + 1 : this.columns;
    for (let i = from; i < to; i++) this.lines[this.row][i] = this.blank();
  }

  option(number, on) {
    if (number === 25) this.cursor = on;
    else if (number === 1) this.applicationKeys = on;
    else if (number === 2004) this.pasteMarks = on;
    else if ([47, 1047, 1049].includes(number) && on !== Boolean(this.other)) {
      const other = this.other ?? { lines: Array.from({ length: this.rows }, () => this.emptyLine()), row: 0, column: 0 };
      const now = { lines: this.lines, row: this.row, column: this.column };
      this.other = on ? now : null;
      this.lines = other.lines;
      this.row = Math.min(other.row, this.rows - 1);
      this.column = Math.min(other.column, this.columns - 1);
      this.resize(this.rows, this.columns);
    }
  }

  paint(values) {
    const style = { ...this.style };
    for (let i = 0; i < values.length; i++) {
      const v = values[i];
      if (v === 0) Object.assign(style, plainStyle);
      else if (v === 1) style.bold = true;
      else if (v === 2) style.dim = true;
      else if (v === 3) style.italic = true;
      else if (v === 4) style.under = true;
      else if (v === 7) style.inverse = true;
      else if (v === 22) style.bold = style.dim = false;
      else if (v === 23) style.italic = false;
      else if (v === 24) style.under = false;
      else if (v === 27) style.inverse = false;
      else if (v >= 30 && v <= 37) style.fg = v - 30;
      else if (v >= 90 && v <= 97) style.fg = v - 82;
      else if (v >= 40 && v <= 47) style.bg = v - 40;
      else if (v >= 100 && v <= 107) style.bg = v - 92;
      else if (v === 39) style.fg = null;
      else if (v === 49) style.bg = null;
      else if (v === 38 || v === 48) {
        const colour = values[i + 1] === 5 ? values[i + 2] & 255 : values[i + 1] === 2 ? values.slice(i + 2, i + 5).map(x => x & 255) : null;
        i += values[i + 1] === 5 ? 2 : 4;
        style[v === 38 ? "fg" : "bg"] = colour;
      }
    }
    this.style = Object.freeze(style);
  }
}
