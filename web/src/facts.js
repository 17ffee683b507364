// What is not drawn: settings that differ, the environment, how the runs stand.
import { html } from "./dom.js";

const mostLines = 12;

/** A chain of words, which breaks before none but |>. */
const chain = (text) =>
  text.split(" |> ").flatMap((stage, place) => [place ? " " : "", html("span", { class: "stage" }, place ? `|> ${stage}` : stage)]);

const table = (heads, rows, kind) =>
  html(
    "table",
    { class: kind },
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((cell, place) => html("td", { "data-title": heads[place + 1] }, ...[cell].flat()))),
      ),
    ),
  );

const section = (title, ...children) => html("section", { "data-part": title }, html("h2", {}, title), ...children);

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
  const rows = settings.map(({ part, values }) => [part, ...values.map(chain)]);
  return boxed("Settings that differ", table(heads, rows, "stacked"));
}

export const common = ({ common }) =>
  boxed("Settings in common", table(["", "value"], common.map(({ part, value }) => [part, chain(value)])));

export function environment({ environment }) {
  const shown = (values) =>
    values.length === 1 ? values[0].value : values.map(({ value, runs }) => `${value} (${runs} runs)`).join("; ");
  const rows = environment.map(({ path, values }) => [path, shown(values)]);
  return boxed("Environment", table(["", "value"], rows));
}

export function runs({ runs }) {
  const [count, ...lines] = runs;
  const list = (lines) => html("ul", {}, ...lines.map((line) => html("li", {}, line)));
  const more = lines.slice(mostLines);
  return section(
    "Runs and warnings",
    html("p", {}, count),
    lines.length > 0 ? list(lines.slice(0, mostLines)) : null,
    more.length > 0 ? html("details", {}, html("summary", {}, `${more.length} more`), list(more)) : null,
  );
}
