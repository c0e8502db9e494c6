import { post, remove } from "./api.js";
import { clearTiles, showTiles } from "./tiles.js";

const byId = (id) => document.getElementById(id);
const news = byId("news");

/** The session on the stage: follows its events, and does what is clicked. */
export class Stage {
  constructor(onChange) {
    this.onChange = onChange;
    this.view = null;
    byId("pause").addEventListener("click", () => this.act(() => post(this.path("/pause"))));
    byId("resume-all").addEventListener("click", () => this.act(() => post(this.path("/run"))));
    byId("delete").addEventListener("click", () => this.delete());
  }

  path(rest = "") {
    return `/api/sessions/${this.view.id}${rest}`;
  }

  open(view) {
    this.events?.close();
    clearTiles();
    this.replace(view);
    const events = new EventSource(`/api/sessions/${view.id}/events`);
    this.events = events;
    const on = (name, handler) => events.addEventListener(name, (event) => handler(JSON.parse(event.data)));
    // The first event of a connection is the whole state, also of a server that counts anew.
    events.addEventListener("open", () => {
      if (this.view?.id === view.id) {
        this.view.revision = 0;
      }
    });
    on("state", (state) => this.replace(state));
    on("preview", (candidates) => this.merge(candidates));
    on("scores", (scores) => this.merge(scores));
    on("progress", (progress) => {
      this.view.evaluations = progress.evaluations;
      this.draw();
    });
    on("dropped", (candidates) => {
      this.merge(candidates);
      this.say(`${candidates.length} candidates dropped; ${this.count("RUNNING")} go on.`);
    });
    on("image", (candidates) => {
      this.merge(candidates);
      this.say(`${candidates.length} ${candidates.length === 1 ? "image is" : "images are"} finished.`);
      this.onChange();
    });
  }

  close() {
    this.events?.close();
    this.view = null;
    clearTiles();
    byId("track").hidden = true;
    byId("stage-prompt").textContent = "Start a session, or open one below.";
    for (const id of ["pause", "resume-all", "delete"]) {
      byId(id).hidden = true;
    }
  }

  replace(view) {
    const before = this.view;
    if (before?.id === view.id && view.revision < before.revision) {
      return;
    }
    this.view = view;
    this.draw();
    if (before?.id === view.id && before.status !== view.status) {
      this.say(`The session is ${view.status.toLowerCase()}.`);
      this.onChange();
    }
  }

  merge(candidates) {
    for (const candidate of candidates) {
      this.view.candidates[candidate.index] = { ...this.view.candidates[candidate.index], ...candidate };
    }
    this.draw();
  }

  count(state) {
    return this.view.candidates.filter((candidate) => candidate.state === state).length;
  }

  say(text) {
    news.textContent = text;
  }

  draw() {
    const view = this.view;
    byId("stage-prompt").textContent = view.prompt;
    byId("stage-error").textContent = view.failure ?? "";
    const busy = view.status === "RUNNING" || view.status === "WAITING";
    const unfinished = view.candidates.some((c) => c.state === "RUNNING" || c.state === "NOISE");
    byId("pause").hidden = !busy;
    byId("resume-all").hidden = busy || !unfinished;
    byId("delete").hidden = busy;
    this.drawTrack(busy);
    showTiles(view, (action, index, button) => this.candidate(action, index, button));
  }

  drawTrack(busy) {
    const view = this.view;
    byId("track").hidden = false;
    const running = view.candidates.filter((c) => c.state === "RUNNING" || c.state === "NOISE");
    const done = running.length
      ? Math.min(...running.map((c) => c.stepsDone))
      : view.steps;
    byId("rail-done").style.width = `${(100 * done) / view.steps}%`;
    const rail = byId("rail");
    rail.querySelectorAll(".cut").forEach((cut) => cut.remove());
    for (const cut of view.cuts) {
      const mark = document.createElement("div");
      mark.className = "cut";
      mark.style.left = `${(100 * cut.step) / view.steps}%`;
      const label = document.createElement("span");
      label.textContent = `keep ${cut.keep}`;
      mark.append(label);
      rail.append(mark);
    }
    const share = view.withoutSelection ? Math.round((100 * view.evaluations) / view.withoutSelection) : 0;
    const state = { WAITING: "Waiting for its turn", RUNNING: "Running", PAUSED: "Paused", FINISHED: "Finished", FAILED: "Failed" }[view.status];
    byId("facts").replaceChildren(
      bold(`${state}${busy ? `, step ${done} of ${view.steps}` : ""}`),
      ` · ${view.candidates.length} candidates, ${this.count("DROPPED")} dropped, ${this.count("KEPT")} kept · `,
      bold(`${view.evaluations}`),
      ` denoiser evaluations, ${share}% of what finishing all would take`,
    );
  }

  async candidate(action, index, button) {
    const candidate = this.view.candidates[index];
    if (action === "vary") {
      const wish = await this.askVariations(button);
      if (wish) {
        await this.act(() => post(this.path(`/candidates/${index}/vary`), wish));
      }
      return;
    }
    const name = action === "keep" && candidate.pinned ? "release" : action;
    await this.act(() => post(this.path(`/candidates/${index}/${name}`)));
    this.say(`Candidate ${index + 1}: ${{ keep: "will be kept", release: "may be dropped", drop: "dropped", resume: "resumed" }[name]}.`);
  }

  askVariations(button) {
    const dialog = byId("vary");
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          button.focus();
          const number = Number(byId("vary-candidates").value);
          resolve(
            dialog.returnValue === "go"
              ? {
                  candidates: number,
                  keep: Math.min(number, Number(byId("vary-keep").value)),
                  strength: Number(byId("vary-strength").value),
                }
              : null,
          );
        },
        { once: true },
      );
    });
  }

  async act(what) {
    const id = this.view.id;
    try {
      const view = await what();
      if (view && this.view?.id === id) {
        this.replace(view);
      }
    } catch (error) {
      byId("stage-error").textContent = error.message;
    }
  }

  async delete() {
    if (!confirm("Delete this session and its images?")) {
      return;
    }
    try {
      await remove(this.path());
      this.close();
      this.onChange();
    } catch (error) {
      byId("stage-error").textContent = error.message;
    }
  }
}

function bold(text) {
  const element = document.createElement("b");
  element.textContent = text;
  return element;
}
