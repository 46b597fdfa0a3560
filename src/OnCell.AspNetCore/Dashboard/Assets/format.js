// How things are written for people.
import { h } from "./dom.js";

const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Text from a cell as plain text: no terminal escapes, and nothing that is invisible or turns the line around. */
export function plain(text) {
  return String(text).replace(escapes, "").replace(/\r\n/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, c => String.fromCodePoint(c === "\u007f" ? 0x2421 : 0x2400 + c.charCodeAt(0)))
    .replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, c => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

export function duration(ms) {
  if (ms === undefined || ms === null) return "";
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60000);
  return minutes < 60 ? `${minutes} min ${Math.round(ms % 60000 / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit++; }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

export const count = number => Number(number).toLocaleString("en-US");

/** A moment: the time of a day, with the day where it is not today; the whole of it as its title. */
export function moment(text) {
  const date = new Date(text);
  const today = date.toDateString() === new Date().toDateString();
  const shown = today ? date.toLocaleTimeString("en-GB") : `${date.toLocaleDateString("en-CA")} ${date.toLocaleTimeString("en-GB").slice(0, 5)}`;
  return h("time", { datetime: text, title: date.toISOString() }, shown);
}

/** How often a run went on after a restart: the first two claims are its start and its first execution. */
export const resumes = run => Math.max(0, run.epoch - 2);

const words = {
  needsDecision: "needs a decision", completed: "completed", started: "running",
};
const kinds = {
  active: "good", completed: "good", allowed: "good", running: "busy", started: "busy", creating: "busy", waking: "busy", pausing: "busy",
  deleting: "busy", paused: "quiet", cancelled: "quiet", failed: "bad", denied: "bad", diverged: "bad", needsDecision: "warn", waiting: "warn",
};

/** A state as a word with a mark; the mark repeats what the word says. */
export function badge(state, detail) {
  return h("span", { class: `badge ${kinds[state] ?? "quiet"}` }, words[state] ?? state, detail ? ` · ${detail}` : "");
}
