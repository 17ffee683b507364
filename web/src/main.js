// The page: the verdict, the leaderboard and what to know of it, then the pictures, then what was run and where.
import { classDots, groupBars, lossCurves, reliability, surfaces } from "./charts.js";
import { html } from "./dom.js";
import { classes, common, environment, runs, settings } from "./facts.js";
import { leaderboard } from "./leaderboard.js";
import { swatches } from "./palette.js";

const report = JSON.parse(document.getElementById("report").textContent);
const { title, judgement, standings, drawn } = report;
document.title = `${title}: ${judgement.headline}`;

const shown = swatches(drawn.map(({ name }) => name));

const charts = [
  groupBars(standings.slice(0, drawn.length), shown),
  classDots(drawn, shown),
  reliability(drawn, shown),
  ...lossCurves(drawn, shown),
  ...surfaces(drawn),
].filter((chart) => chart);

const some =
  drawn.length < standings.length ? `The ${drawn.length} most accurate of ${standings.length} settings.` : null;

document.querySelector("main").append(
  html(
    "header",
    {},
    html("p", { class: "quiet" }, `LongTail report: ${title}`),
    html("h1", {}, judgement.headline),
    ...judgement.sentences.map((sentence) => html("p", { class: "verdict" }, sentence)),
  ),
  leaderboard(report),
  runs(report),
  html(
    "section",
    { "data-part": "Charts" },
    html("h2", {}, "Charts"),
    some && html("p", { class: "quiet" }, some),
    html("div", { class: "charts" }, ...charts.map(({ element }) => element)),
  ),
  ...[classes(report), settings(report), common(report), environment(report)].filter((section) => section),
);

// A test, and a printer, may wait for it.
document.documentElement.dataset.drawn = "no";
await Promise.all(charts.map(({ draw }) => draw()));
document.documentElement.dataset.drawn = "yes";
