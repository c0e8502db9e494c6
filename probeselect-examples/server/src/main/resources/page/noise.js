/** Draws noise for a candidate that has not begun: an illustration, the same for the same seed. */
export function drawNoise(canvas, seed) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  let state = (Number(seed) + 0x9e3779b9) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  for (let i = 0; i < pixels.data.length; i += 4) {
    for (let c = 0; c < 3; c++) {
      pixels.data[i + c] = 128 + 120 * (next() + next() + next() - 1.5);
    }
    pixels.data[i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
