// Opens a report in Chromium, without a network, and prints all that is wrong with it; exit code 1 if anything is.
//
//   node web/test/browser.js REPORT.html [FOLDER]        FOLDER gets a screenshot of each width and scheme
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, folder] = process.argv.slice(2);
const widths = { 1280: 800, 800: 800, 400: 800, 320: 800 };
const schemes = { light: Object.keys(widths), dark: ["1280"] };
/** What is looked at of a long page. */
const mostRows = 30;
const mostTexts = 3000;
const faults = [];

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

/** What a page says of itself once it is drawn. */
function look({ mostRows, mostTexts }) {
  const marks = "path, line, circle, rect, text";
  const seen = (element) => element.getBoundingClientRect().height > 0;
  const within = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1;

  const axis = (texts, svg) => {
    const shown = texts.filter((text) => getComputedStyle(text).opacity > 0 && text.textContent);
    const boxes = shown.map((text) => text.getBoundingClientRect());
    const across = boxes.length > 1 && Math.abs(boxes[0].y - boxes[1].y) < 1;
    const labels = shown
      .map((text, n) => ({ text: text.textContent, place: across ? boxes[n].x + boxes[n].width / 2 : boxes[n].y + boxes[n].height / 2 }))
      .toSorted((a, b) => a.place - b.place);
    return {
      texts: labels.map(({ text }) => text),
      places: labels.map(({ place }) => place),
      cut: boxes.some((box) => !within(box, svg.getBoundingClientRect())),
    };
  };

  /** What a number of the leaderboard is called, on the screen. */
  const heads = [...document.querySelectorAll(".leaderboard thead th")].filter(seen).map((head) => head.textContent);
  const labelled = (value) => {
    const own = getComputedStyle(value, "::before").content;
    return [own, ...heads].some((text) => text.includes(value.dataset.title));
  };

  /** Texts that stand outside of the screen, but in tables that scroll. */
  const outside = () => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    for (let n = 0; n < mostTexts && walker.nextNode(); n++) {
      const { currentNode: text } = walker;
      const scrolls = text.parentElement.closest(".box table:not(.leaderboard, .stacked)");
      const range = document.createRange();
      range.selectNodeContents(text);
      const boxes = [...range.getClientRects()].filter(({ width }) => width > 0);
      if (!scrolls && boxes.some((box) => box.left < 0 || box.right > window.innerWidth + 0.5)) found.push(text.data);
    }
    return found;
  };

  const values = [...document.querySelectorAll(`.leaderboard tbody tr:nth-child(-n + ${mostRows}) .value`)];
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const before = (first, second) => Boolean(first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING);
  const { drawn, standings } = JSON.parse(document.getElementById("report").textContent);
  const scale = document.querySelector(".leaderboard thead .interval");

  // A page that rounds for itself does not always agree with the tables.
  const known = new Set(JSON.stringify(standings).match(/"(?:[^"\\]|\\.)*"/g).map((text) => JSON.parse(text)));
  const rounded = [...document.querySelectorAll(".leaderboard tbody :is(.value, .points)")]
    .map(({ textContent }) => textContent.replace("\u2212", "-"))
    .filter((text) => text.includes(".") && !known.has(text));

  return {
    axes: [
      ...[...document.querySelectorAll("figure svg")].flatMap((svg) =>
        [...svg.querySelectorAll(".role-axis-label")].map((labels) => axis([...labels.querySelectorAll("text")], svg)),
      ),
      ...(scale && seen(scale) ? [axis([...scale.querySelectorAll("text")], scale)] : []),
    ],
    values: values.length,
    unlabelled: values.filter((value) => !labelled(value)).map(({ textContent }) => textContent),
    outside: outside(),
    // The epochs at which the axes of losses begin.
    begins: [...document.querySelectorAll("figure")]
      .filter((figure) => figure.querySelector("h3").textContent.startsWith("Training loss"))
      .map((figure) => axis([...figure.querySelector("svg .role-axis-label").querySelectorAll("text")], figure).texts[0]),
    rounded,
    warned: before(part("Runs and warnings"), part("Charts")) && before(document.querySelector(".leaderboard"), part("Runs and warnings")),
    // Labels of epochs from which on a loss is another one, that no chart has in sight.
    unmarked: drawn
      .flatMap(({ turns }) => turns)
      .filter(
        ({ label }) =>
          ![...document.querySelectorAll("figure svg")].some((svg) =>
            [...svg.querySelectorAll("text")].some(
              (text) => text.textContent === label && within(text.getBoundingClientRect(), svg.getBoundingClientRect()),
            ),
          ),
      )
      .map(({ label }) => label),
    charts: [...document.querySelectorAll("figure")].map((figure) => ({
      title: figure.querySelector("h3")?.textContent,
      label: figure.querySelector(".chart")?.getAttribute("aria-label"),
      marks: [...figure.querySelectorAll("svg .role-mark")].flatMap((mark) => [...mark.querySelectorAll(marks)]).length,
      wide: figure.querySelector("svg")?.getBoundingClientRect().width ?? 0,
    })),
    over: document.documentElement.scrollWidth - window.innerWidth,
    cut: document.querySelector(".leaderboard").scrollWidth - document.querySelector(".box").clientWidth,
    rows: document.querySelectorAll(".leaderboard tbody tr").length,
    verdict: seen(document.querySelector("h1")),
    // Where the first row ends: it must be seen without scrolling.
    first: document.querySelector(".leaderboard tbody tr").getBoundingClientRect().bottom,
  };
}

/** What is wrong with an axis's labels: they are to be evenly spaced, in round steps, and whole. */
function axisFault({ texts, places, cut }) {
  const called = texts.join(" ");
  const differences = (list) => list.slice(1).map((value, n) => value - list[n]);
  const even = (list, slack) => Math.max(...list) - Math.min(...list) <= slack;
  if (cut) return `labels ${called}: one is cut`;
  if (texts.length < 2) return null;
  if (!even(differences(places), 1.5)) return `labels ${called}: not evenly spaced`;
  const numbers = texts.map((text) => Number(text.replace("\u2212", "-").replace(/[,%+]/g, "")));
  if (numbers.some(Number.isNaN)) return null;
  const steps = differences(numbers);
  const ratios = numbers.slice(1).map((value, n) => value / numbers[n]);
  const [step] = steps;
  const digit = Number(Math.abs(step).toExponential(6)[0]) * (Math.abs(step).toExponential(6).slice(1, 8) === ".000000" ? 1 : NaN);
  const linear = even(steps, 1e-6 * Math.abs(step)) && [1, 2, 4, 5, 8].includes(digit);
  const logarithmic = even(ratios, 1e-6) && [2, 4, 10, 16, 100].includes(ratios[0]);
  return linear || logarithmic ? null : `labels ${called}: steps that are not round`;
}

/** Tries what a person may do: change the scheme, sort, search. */
async function obeys(page, rows, fault) {
  const colour = () =>
    page.evaluate(() => getComputedStyle(document.querySelector("figure svg .role-axis-label text")).fill);
  const first = () => page.locator(".leaderboard tbody tr:visible .name").first().textContent();

  const before = await colour();
  const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  await page.emulateMedia({ colorScheme: dark ? "light" : "dark" });
  if ((await colour()) === before) fault("charts keep their colours where the scheme changes");
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });

  const best = await first();
  const accuracy = page.locator(".leaderboard thead .accuracy button");
  if (rows > 1 && (await accuracy.isVisible())) {
    await accuracy.click();
    if ((await first()) !== best) fault("sorted by falling accuracy, the first row is another one");
    await accuracy.click();
    if ((await first()) === best) fault("sorted by rising accuracy, the first row is the best");
    await accuracy.click();
  }

  const search = page.locator("input[type=search]");
  if (await search.count()) {
    await search.fill(best.toUpperCase());
    if ((await first()) !== best) fault(`${best} is not found by its name`);
    await search.fill("no setting is called so");
    if (await page.locator(".leaderboard tbody tr:visible").count()) fault("a name that none has is found");
    await search.fill("");
  }
}

for (const [colorScheme, those] of Object.entries(schemes))
  for (const width of those) {
    const height = widths[width];
    const where = `${width} px, ${colorScheme}`;
    const fault = (text) => faults.push(`${where}: ${text}`);
    const context = await browser.newContext({
      viewport: { width: Number(width), height },
      colorScheme,
      offline: true,
    });
    const page = await context.newPage();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && fault(`console: ${message.text()}`));
    page.on("pageerror", (error) => fault(`thrown: ${error.message}`));
    page.on("request", (request) => /^(file|data):/.test(request.url()) || fault(`asked the network for ${request.url()}`));

    await page.goto(pathToFileURL(resolve(file)).href);
    await page.waitForSelector("html[data-drawn=yes]", { timeout: 20000 }).catch(() => fault("is not drawn"));
    const seen = await page.evaluate(look, { mostRows, mostTexts });

    if (seen.charts.length === 0) fault("no chart");
    for (const { title, label, marks, wide } of seen.charts) {
      if (!title || !label) fault("a chart without a title or a label");
      if (marks === 0) fault(`${title}: no marks`);
      if (wide < 200) fault(`${title}: ${wide} px wide`);
    }
    for (const axis of seen.axes) {
      const found = axisFault(axis);
      if (found) fault(found);
    }
    if (seen.values === 0) fault("no number in the leaderboard");
    for (const text of seen.unlabelled) fault(`${text} has no label in the leaderboard`);
    for (const epoch of seen.begins) if (epoch !== "1") fault(`a loss begins at epoch ${epoch}`);
    for (const text of seen.rounded) fault(`${text} is no number of the report`);
    for (const text of seen.outside) fault(`outside of the screen: ${text}`);
    for (const label of seen.unmarked) fault(`no chart has the mark ${label}`);
    if (!seen.warned) fault("warnings do not stand between the leaderboard and the charts");
    if (seen.cut > 0) fault(`the leaderboard is ${seen.cut} px wider than its box`);
    if (seen.rows === 0) fault("no row in the leaderboard");
    if (seen.over > 0) fault(`${seen.over} px wider than the screen`);
    if (!seen.verdict) fault("no verdict");
    if (seen.first > height && width >= 400) fault(`the first row ends at ${Math.round(seen.first)} px, under the fold`);

    await obeys(page, seen.rows, fault);

    if (folder) await page.screenshot({ path: `${folder}/${colorScheme}-${width}.png`, fullPage: true });
    await context.close();
  }

await browser.close();
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
