import { get, post } from "./api.js";
import { showPlan } from "./plan.js";
import { Stage } from "./session.js";

const byId = (id) => document.getElementById(id);
const form = byId("ask");
const stage = new Stage(() => showGallery());
let model;

// The names of the API's fields and the inputs that hold them.
const INPUTS = {
  prompt: "prompt", negativePrompt: "negative", keep: "keep", candidates: "candidates", budget: "budget",
  seed: "seed", steps: "steps", guidanceScale: "guidance", width: "width", height: "height",
};

function byBudget() {
  return form.elements.mode.value === "budget";
}

function refreshMode() {
  byId("by-budget").hidden = !byBudget();
  byId("by-count").hidden = byBudget();
  byId("steps").disabled = byBudget();
  refreshPlan();
}

function refreshPlan() {
  const budget = byId("budget");
  const keep = Math.max(1, Number(byId("keep").value) || 1);
  budget.min = keep;
  budget.max = Math.max(8, 2 * keep);
  byId("budget-shown").textContent = `${budget.value} full ${budget.value === "1" ? "run" : "runs"}`;
  budget.setAttribute("aria-valuetext", byId("budget-shown").textContent);
  if (byBudget() && model?.budgets) {
    showPlan(budget.value, keep, model.steps);
  }
}

function asked() {
  const number = (id) => (byId(id).value === "" ? undefined : Number(byId(id).value));
  return {
    prompt: byId("prompt").value,
    negativePrompt: byId("negative").value || undefined,
    keep: number("keep"),
    seed: number("seed"),
    guidanceScale: number("guidance"),
    width: number("width"),
    height: number("height"),
    reproducible: byId("reproducible").checked,
    ...(byBudget()
      ? { budget: number("budget") }
      : { candidates: number("candidates"), decide_at: Number(byId("decide").value), steps: number("steps") }),
  };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  const problem = byId("ask-error");
  problem.textContent = "";
  Object.values(INPUTS).forEach((id) => byId(id).removeAttribute("aria-invalid"));
  button.disabled = true;
  button.textContent = byBudget() ? "Planning…" : "Starting…";
  try {
    const view = await post("/api/sessions", asked());
    open(view);
    byId("stage").focus();
    if (window.matchMedia("(max-width: 900px)").matches) {
      byId("stage").scrollIntoView({ behavior: "auto" });
    }
    showGallery();
  } catch (error) {
    problem.textContent = error.message;
    for (const field of error.fields ?? []) {
      const input = byId(INPUTS[field.field] ?? "");
      input?.closest("details")?.setAttribute("open", "");
      input?.setAttribute("aria-invalid", "true");
    }
    byId(INPUTS[error.fields?.[0]?.field] ?? "prompt")?.focus();
  } finally {
    button.disabled = false;
    button.textContent = "Generate";
  }
});

function open(view) {
  stage.open(view);
  history.replaceState(null, "", `#${view.id}`);
}

async function openById(id) {
  open(await get(`/api/sessions/${id}`));
  showGallery();
}

async function showGallery() {
  const [pictures, sessions] = await Promise.all([get("/api/gallery"), get("/api/sessions")]);
  byId("gallery-empty").hidden = pictures.length > 0;
  byId("pictures").replaceChildren(
    ...pictures.map((picture) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = picture.image;
      link.download = "";
      link.title = `${picture.prompt}; seed ${picture.seed}`;
      const image = document.createElement("img");
      image.loading = "lazy";
      image.src = picture.image;
      image.alt = `Save: ${picture.prompt}, seed ${picture.seed}`;
      const text = document.createElement("span");
      text.setAttribute("aria-hidden", "true");
      text.textContent = picture.prompt;
      link.append(image, text);
      item.append(link);
      return item;
    }),
  );
  byId("sessions-title").hidden = sessions.length === 0;
  byId("sessions").replaceChildren(
    ...sessions.map((session) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-current", String(session.id === stage.view?.id));
      const what = document.createElement("span");
      what.className = "what";
      what.textContent = session.prompt;
      const how = document.createElement("span");
      how.className = "how";
      how.textContent = `${session.status.toLowerCase()} · ${session.images.length} of ${session.candidates}`;
      button.append(what, how);
      button.addEventListener("click", () => openById(session.id));
      item.append(button);
      return item;
    }),
  );
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").setAttribute("aria-pressed", String(name === "dark"));
}

byId("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", next);
  theme(next);
});
const preference = window.matchMedia("(prefers-color-scheme: dark)");
const followed = () => theme(localStorage.getItem("theme") ?? (preference.matches ? "dark" : "light"));
preference.addEventListener("change", followed);
followed();

form.addEventListener("change", refreshMode);
byId("budget").addEventListener("input", refreshPlan);
byId("vary-strength").addEventListener("input", (event) => {
  byId("vary-shown").textContent = event.target.value;
});

model = await get("/api/model");
byId("model").textContent = `${model.name} · ${model.width}×${model.height} · ${model.steps} steps`;
byId("prompt").maxLength = model.mostPromptLength;
byId("keep").max = model.mostImages;
byId("candidates").max = model.mostCandidates;
byId("steps").max = model.mostSteps;
byId("steps").placeholder = model.steps;
byId("guidance").placeholder = model.guidanceScale;
for (const side of ["width", "height"]) {
  byId(side).placeholder = model[side];
  byId(side).min = model.smallest;
  byId(side).max = model.largest;
  byId(side).step = model.multipleOf;
}
if (!model.budgets) {
  form.elements.mode.value = "count";
  form.querySelector("[value=budget]").disabled = true;
}
refreshMode();
await showGallery();
if (/^#[0-9a-f]{16}$/.test(location.hash)) {
  await openById(location.hash.slice(1)).catch(() => history.replaceState(null, "", "."));
}
document.documentElement.dataset.ready = "true";
