import { drawNoise } from "./noise.js";

const template = document.getElementById("tile");
const grid = document.getElementById("grid");

const STATES = {
  NOISE: "starting noise",
  RUNNING: "running",
  DROPPED: "dropped",
  FINISHED: "finished, not kept",
  KEPT: "finished and kept",
};

/** Shows the candidates of a session, one tile each; tiles stay where they are. */
export function showTiles(view, onAction) {
  while (grid.children.length > view.candidates.length) {
    grid.lastElementChild.remove();
  }
  const scores = view.candidates.map((candidate) => candidate.score).filter(Number.isFinite);
  const range = { least: Math.min(...scores), most: Math.max(...scores) };
  view.candidates.forEach((candidate, index) => {
    const tile = grid.children[index] ?? addTile(onAction);
    show(tile, candidate, view, range);
  });
}

export function clearTiles() {
  grid.replaceChildren();
}

function addTile(onAction) {
  const tile = template.content.firstElementChild.cloneNode(true);
  tile.addEventListener("click", (event) => {
    const action = event.target.closest("button[data-do]")?.dataset.do;
    if (action) {
      onAction(action, Number(tile.dataset.index), event.target);
    }
  });
  grid.append(tile);
  return tile;
}

function show(tile, candidate, view, range) {
  const part = (selector) => tile.querySelector(selector);
  tile.dataset.index = candidate.index;
  tile.dataset.state = candidate.state;
  tile.style.setProperty("--ratio", `${view.width} / ${view.height}`);
  const number = candidate.index + 1;
  const scored = Number.isFinite(candidate.score);

  if (tile.dataset.seed !== candidate.origin) {
    tile.dataset.seed = candidate.origin;
    drawNoise(part("canvas"), candidate.seed + 7919 * candidate.index);
  }
  const picture = part("img");
  if (candidate.preview) {
    if (picture.getAttribute("src") !== candidate.preview) {
      swap(picture, candidate.preview);
    }
  } else {
    picture.hidden = true;
    picture.removeAttribute("src");
    picture.parentElement.classList.remove("seen");
  }
  picture.alt = `Candidate ${number}, ${STATES[candidate.state]}, step ${candidate.stepsDone} of ${view.steps}`;

  part(".seed").textContent = candidate.origin.startsWith("seed " + candidate.seed + ", varied")
    ? `${number} · near seed ${candidate.seed}`
    : `${number} · seed ${candidate.seed}`;
  part(".seed").title = candidate.origin;
  part(".score").textContent = scored ? candidate.score.toFixed(3) : "no score yet";
  part(".meter div").style.width = scored
    ? `${8 + 92 * (range.most > range.least ? (candidate.score - range.least) / (range.most - range.least) : 1)}%`
    : "0";
  part(".badge").textContent = badge(candidate, view);
  part(".pin").hidden = !candidate.pinned;
  part(".reason").textContent = candidate.reason;

  const dropped = candidate.state === "DROPPED";
  const finished = Boolean(candidate.image);
  const label = (name, text, visible) => {
    const button = part(`[data-do="${name}"]`);
    button.hidden = !visible;
    button.setAttribute("aria-label", `${text} candidate ${number}`);
    return button;
  };
  label("keep", candidate.pinned ? "Do not insist on" : "Keep", !finished).textContent = candidate.pinned ? "Unkeep" : "Keep";
  label("drop", "Drop", !dropped && !finished);
  label("resume", "Resume", dropped);
  label("vary", "Variations of", true);
  const save = label("save", "Save the image of", finished);
  if (finished) {
    save.href = candidate.image;
  }
}

function badge(candidate, view) {
  if (candidate.state === "KEPT") {
    return "kept";
  }
  if (candidate.state === "FINISHED") {
    return "finished";
  }
  if (candidate.state === "NOISE") {
    return "noise";
  }
  return candidate.state === "DROPPED" ? "dropped" : `step ${candidate.stepsDone} / ${view.steps}`;
}

/** Replaces a preview once the next one is there, so that nothing flickers. */
function swap(picture, source) {
  const next = new Image();
  picture.dataset.next = source;
  next.onload = () => {
    if (picture.dataset.next === source) {
      picture.src = source;
      picture.hidden = false;
      picture.parentElement.classList.add("seen");
    }
  };
  next.src = source;
}
