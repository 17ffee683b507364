// What is not drawn: settings that differ, the environment, how the runs stand.
import { html } from "./dom.js";

const table = (heads, rows) =>
  html(
    "table",
    {},
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((cell) => html("td", {}, cell))),
      ),
    ),
  );

const section = (title, ...children) => html("section", {}, html("h2", {}, title), ...children);

const boxed = (title, content) =>
  section(title, html("div", { class: "box", tabindex: "0", role: "region", "aria-label": title }, content));

export const classes = ({ classes }) =>
  section(
    "Classes",
    ...classes.map(({ title, heads, rows }) =>
      html("details", {}, html("summary", {}, title), html("div", { class: "box" }, table(heads, rows))),
    ),
  );

export function settings({ settings, drawn }) {
  if (settings.length === 0) return null;
  const heads = ["", ...drawn.map(({ name }) => name)];
  return boxed("Settings that differ", table(heads, settings.map(({ path, values }) => [path, ...values])));
}

export const common = ({ common }) =>
  section(
    "Settings in common",
    html(
      "details",
      {},
      html("summary", {}, `${common.length} settings`),
      html("div", { class: "box" }, table(["", "value"], common.map(({ path, value }) => [path, value]))),
    ),
  );

export function environment({ environment }) {
  const shown = (values) =>
    values.length === 1 ? values[0].value : values.map(({ value, runs }) => `${value} (${runs} runs)`).join("; ");
  const rows = environment.map(({ path, values }) => [path, shown(values)]);
  return boxed("Environment", table(["", "value"], rows));
}

export const runs = ({ runs }) =>
  section("Runs and findings", html("p", {}, runs[0]), html("ul", {}, ...runs.slice(1).map((line) => html("li", {}, line))));
