// Opens a report in Chromium, without a network, and prints all that is wrong with it; exit code 1 if anything is.
//
//   node web/test/browser.js REPORT.html [FOLDER]        FOLDER gets a screenshot of each width and scheme
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, folder] = process.argv.slice(2);
const widths = { 1280: 800, 400: 800 };
const schemes = ["light", "dark"];
const faults = [];

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

/** What a page says of itself once it is drawn. */
function look() {
  const marks = "path, line, circle, rect, text";
  const seen = (element) => element.getBoundingClientRect().height > 0;
  return {
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

for (const colorScheme of schemes)
  for (const [width, height] of Object.entries(widths)) {
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
    const seen = await page.evaluate(look);

    if (seen.charts.length === 0) fault("no chart");
    for (const { title, label, marks, wide } of seen.charts) {
      if (!title || !label) fault("a chart without a title or a label");
      if (marks === 0) fault(`${title}: no marks`);
      if (wide < 200) fault(`${title}: ${wide} px wide`);
    }
    if (seen.cut > 0) fault(`the leaderboard is ${seen.cut} px wider than its box`);
    if (seen.rows === 0) fault("no row in the leaderboard");
    if (seen.over > 0) fault(`${seen.over} px wider than the screen`);
    if (!seen.verdict) fault("no verdict");
    if (seen.first > height) fault(`the first row ends at ${Math.round(seen.first)} px, under the fold`);

    await obeys(page, seen.rows, fault);

    if (folder) await page.screenshot({ path: `${folder}/${colorScheme}-${width}.png`, fullPage: true });
    await context.close();
  }

await browser.close();
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
