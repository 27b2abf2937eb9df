/** The console: which page is shown is in the address after the #. */

import { announce, h, refill } from "./dom.js";
import { problemNotice } from "./problem.js";
import { showCache } from "./pages/cache.js";
import { showDrop } from "./pages/drop.js";
import { showJobs } from "./pages/jobs.js";
import { showResult } from "./pages/result.js";
import { caller } from "./roles.js";
import { askForToken } from "./token.js";

/** Each page is (place, parts of the address, query, signal that ends with the page). */
const PAGES = { "": showDrop, jobs: showJobs, cache: showCache, results: showResult };

const main = document.getElementById("main");
let leaving = new AbortController();

async function show({ focus = true } = {}) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const left = document.activeElement;
  const [path, query = ""] = location.hash.slice(1).split("?");
  const [name = "", ...rest] = path.split("/").filter(Boolean);
  markNavigation(name);
  main.dataset.place = location.hash;
  main.setAttribute("aria-busy", "true");
  const place = refill(main, h("div"));
  try {
    await (PAGES[name] ?? showNowhere)(main.firstChild, rest.map(decodeURIComponent), new URLSearchParams(query), signal);
  } catch (error) {
    if (signal.aborted) return;
    if (error.name !== "Problem" && !error.reason) console.error(error);
    refill(place, h("h1", { tabindex: -1 }, "This did not work"), problemNotice(error), h("p", null, h("a", { href: "#/jobs" }, "All jobs"), " · ", h("a", { href: "#/" }, "Analyse a file")));
  }
  if (!signal.aborted) arrived(focus, left);
}

/** Whoever went on to something else while the page was fetched is left there. */
function arrived(focus, left) {
  main.removeAttribute("aria-busy");
  const heading = main.querySelector("h1");
  document.title = heading ? `${heading.textContent} · Assaycache` : "Assaycache";
  if (!focus) return;
  announce(document.title);
  if (![left, document.body].includes(document.activeElement)) return;
  heading?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function markNavigation(name) {
  for (const link of document.querySelectorAll("nav a")) {
    const here = link.getAttribute("href") === `#/${name === "results" ? "jobs" : name}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function showNowhere(place) {
  refill(place, h("h1", { tabindex: -1 }, "There is no such page"), h("p", null, h("a", { href: "#/" }, "Analyse a file")));
}

function followTheme() {
  const choice = document.getElementById("theme");
  choice.value = localStorage.getItem("theme") ?? choice.value;
  const apply = () => {
    document.documentElement.style.colorScheme = choice.value;
    localStorage.setItem("theme", choice.value);
    dispatchEvent(new Event("themechange"));
  };
  choice.addEventListener("change", apply);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
  if (localStorage.getItem("theme")) apply();
}

/** Paper cannot be unfolded: what is folded is opened for as long as it is printed. */
function unfoldForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("section details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
}

/** Say on the button whose token it is; what is wrong with it is told by the page. */
async function nameToken() {
  const who = await caller().catch(() => null);
  if (who) refill(document.getElementById("token"), `Token: ${who.role} of ${who.namespace}`);
}

nameToken();
followTheme();
unfoldForPrint();
document.getElementById("token").addEventListener("click", () => askForToken(() => location.reload()));
document.querySelector(".skip").addEventListener("click", (event) => (event.preventDefault(), main.focus()));
addEventListener("hashchange", () => show());
// A file that misses the field must not make the browser leave the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
show({ focus: false });
