import { get } from "./api.js";

const box = document.getElementById("plan");
const text = document.getElementById("plan-text");
const funnel = document.getElementById("funnel");
const bars = document.getElementById("bars");
let asked = 0;
let timer;

/** Shows what a budget buys; the last call wins. */
export function showPlan(budget, keep, steps) {
  clearTimeout(timer);
  const number = ++asked;
  box.setAttribute("aria-busy", "true");
  timer = setTimeout(async () => {
    try {
      const plan = await get(`/api/plan?budget=${budget}&keep=${keep}`);
      if (number === asked) {
        draw(plan, steps);
      }
    } catch (error) {
      if (number === asked) {
        text.textContent = error.message;
        funnel.replaceChildren();
        bars.replaceChildren();
      }
    } finally {
      if (number === asked) {
        box.setAttribute("aria-busy", "false");
      }
    }
  }, 250);
}

function draw(plan, steps) {
  const used = Math.round((100 * plan.cost) / plan.budget);
  text.textContent = `Starts ${plan.candidates}, uses ${used}% of the budget. Expected quality, as the metric of the calibration scores it:`;
  const stages = [
    { from: 0, count: plan.candidates },
    ...plan.cuts.map((cut) => ({ from: cut.step, count: cut.keep })),
  ];
  funnel.replaceChildren(
    ...stages.map((stage, i) => {
      const until = stages[i + 1]?.from ?? steps;
      const row = document.createElement("li");
      const rows = document.createElement("span");
      rows.className = "rows";
      rows.style.width = `${(100 * stage.count) / plan.candidates}%`;
      const label = document.createElement("span");
      label.textContent = `${stage.count} until step ${until}`;
      row.append(rows, label);
      return row;
    }),
  );
  const values = [
    ["A random seed", plan.atRandom, ""],
    [`Best of ${plan.fullRuns} full`, plan.bestOfN, ""],
    ["This plan", plan.expected, "plan-bar"],
  ];
  const least = Math.min(...values.map(([, value]) => value));
  const most = Math.max(...values.map(([, value]) => value));
  bars.replaceChildren(
    ...values.flatMap(([name, value, kind]) => {
      const term = document.createElement("dt");
      term.textContent = name;
      const definition = document.createElement("dd");
      const bar = document.createElement("span");
      bar.className = `bar ${kind}`;
      bar.style.width = `${25 + 75 * (most > least ? (value - least) / (most - least) : 1)}%`;
      const number = document.createElement("span");
      number.textContent = value.toFixed(2);
      definition.append(bar, number);
      return [term, definition];
    }),
  );
}
