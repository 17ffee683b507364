// The leaderboard: every setting, sorted by any column, found by any part of its name.
import { html } from "./dom.js";
import { intervalPlot, scaleOf, scaleRow } from "./intervalPlot.js";
import { orDash, said, whole } from "./numbers.js";

const filterFrom = 13;

const mean = (estimate) => estimate?.mean ?? null;

const beneath = (text) => html("span", { class: "beneath quiet" }, text);

/** A number and what it is, which a narrow screen shows beside it. */
const value = (title, text) => html("span", { class: "value", "data-title": title }, text);

/** Title, what a cell shows, and the number or text that rows are sorted by. */
function columns(report) {
  const leads = report.standings.flatMap(({ lead }) => (lead ? [lead.difference] : []));
  const scale = scaleOf(leads);

  const compared = ({ lead, isBaseline, name }) => {
    if (!lead) return [html("span", { class: "quiet" }, isBaseline ? "baseline" : "\u2013")];
    const points = said(lead.difference);
    const p = lead.p === null ? "" : `p ${lead.p.startsWith("<") ? lead.p : `= ${lead.p}`}, by ranks ${lead.ranks}`;
    return [
      intervalPlot(scale, lead, `${name} against ${lead.over}: ${points} points, ${lead.words}`),
      html(
        "span",
        { class: "said" },
        html("span", { class: `points ${lead.verdict.toLowerCase()}` }, points),
        html("span", { class: "quiet" }, lead.words),
        html("span", { class: "quiet" }, p),
      ),
    ];
  };

  const figure = (title, pick) => ({
    title,
    cell: (s) => [value(title, orDash(said, pick(s)))],
    key: (s) => mean(pick(s)),
  });

  /** Two numbers in one column, the second below the first. */
  const pair = ([title, first], [under, second], key) => ({
    title,
    under: beneath(under),
    cell: (s) => [value(title, first(s)), value(under, second(s))],
    key,
  });

  return [
    {
      title: "Setting",
      kind: "setting",
      cell: (s) => [
        html("span", { class: "name" }, s.name),
        ...[s.seeds, ...s.apart].filter((text) => text).map(beneath),
      ],
      key: (s) => s.name,
    },
    { ...figure("Accuracy, %", (s) => s.accuracy), kind: "accuracy" },
    leads.length > 0 && {
      title: "Points over the baseline",
      kind: "lead",
      under: scaleRow(scale),
      cell: compared,
      key: (s) => mean(s.lead?.difference),
    },
    figure("Head", (s) => s.head),
    figure("Medium", (s) => s.medium),
    figure("Tail", (s) => s.tail),
    figure("ECE", (s) => s.ece),
    pair(
      ["s/epoch", (s) => orDash(said, s.secondsPerEpoch)],
      ["\u00d7 unperturbed", (s) => orDash(said, s.costRatio)],
      (s) => s.secondsPerEpoch?.value ?? null,
    ),
    pair(
      ["Trained", (s) => whole(s.trainedValues)],
      ["memory", (s) => orDash((memory) => memory, s.memory)],
      (s) => s.trainedValues,
    ),
  ].filter((column) => column);
}

/** By falling numbers or rising texts, and back the next time; what is absent stays last. */
function compare(key, sign) {
  return (a, b) => {
    const [x, y] = [key(a.standing), key(b.standing)];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : y - x);
  };
}

export function leaderboard(report) {
  const all = columns(report);
  const body = html("tbody");
  const rows = report.standings.map((standing) => ({
    standing,
    element: html(
      "tr",
      {},
      ...all.map(({ title, kind, cell }) =>
        html(kind === "setting" ? "th" : "td", { class: kind, scope: kind === "setting" && "row", "data-title": title }, ...cell(standing)),
      ),
    ),
  }));
  body.append(...rows.map(({ element }) => element));

  const heads = all.map(({ title, kind, key, under }) => {
    const button = html("button", { type: "button" }, title);
    const head = html("th", { scope: "col", class: kind }, button, under);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "descending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign === 1 ? "descending" : "ascending");
      body.append(...rows.toSorted(compare(key, sign)).map(({ element }) => element));
    });
    return head;
  });

  const table = html("table", { class: "leaderboard" }, html("thead", {}, html("tr", {}, ...heads)), body);
  const section = html("section", {}, html("h2", {}, "Leaderboard"));

  if (rows.length >= filterFrom) {
    const count = html("span", { class: "quiet", "aria-live": "polite" }, `${rows.length} settings`);
    const filter = html("input", { type: "search", placeholder: "Find settings", "aria-label": "Find settings" });
    filter.addEventListener("input", () => {
      const wanted = filter.value.toLowerCase();
      let shown = 0;
      for (const { standing, element } of rows) {
        element.hidden = !standing.name.toLowerCase().includes(wanted);
        shown += element.hidden ? 0 : 1;
      }
      count.textContent = `${shown} of ${rows.length} settings`;
    });
    section.append(html("p", { class: "filter" }, filter, count));
  }

  section.append(
    html("div", { class: "box", tabindex: "0", role: "region", "aria-label": "Leaderboard" }, table),
    html("p", { class: "quiet" }, report.protocol.join(" ")),
  );
  return section;
}
