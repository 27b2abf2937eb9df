/** A problem, as a person sees it. */

import { h, notice } from "./dom.js";

/** What went wrong, what each field has to do with it, and where to read on. */
export function problemNotice(problem) {
  const places = problem.violations?.length > 1 || (problem.violations?.length === 1 && problem.violations[0].message !== problem.message);
  return notice("bad",
    h("p", null, h("strong", { class: "title" }, problem.title ?? "Something went wrong"), `${problem.message ?? problem}`),
    places && h("ul", null, problem.violations.map(({ field, message }) => h("li", null, `${field}: ${message}`))),
    problem.reason === "PERMISSION_DENIED" && / needs the role /.test(problem.message) &&
      h("p", null, "Who runs this installation gives such tokens out; give yours by the Token button at the top of the page."),
    problem.reason === "UNAUTHENTICATED" && h("p", null, "Give yours by the Token button at the top of the page."),
    h("p", { class: "soft" },
      problem.page && h("a", { href: problem.page }, "What this means and what to do"),
      problem.requestId && ` · request ${problem.requestId}`));
}
