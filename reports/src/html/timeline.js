"use strict";
// Stepping through a time line. Each moment says what changed; the states are worked out once, when a run is chosen.
(() => {
  const source = document.getElementById("recorded");
  if (!source) return;
  const recorded = JSON.parse(source.textContent);
  const part = (id) => document.getElementById(id);
  const [viewer, which, slider, now] = ["viewer", "which", "moment", "now"].map(part);
  const [steps, band] = ["steps", "band"].map(part);
  const [registers, objects] = ["registers", "objects"].map((id) => part(id).tBodies[0]);
  const AROUND = 9;
  let line, states, at;

  const element = (tag, content, kind) => {
    const made = document.createElement(tag);
    made.textContent = content;
    if (kind) made.className = kind;
    return made;
  };

  // How things stand after each moment: registers by name, objects that exist, and which of them no scan would reach.
  const workOut = () => {
    let holds = new Map(), hidden = null, made = 0, phase = "";
    return line.moments.map((moment) => {
      for (const register of moment.registers ?? []) {
        holds = new Map(holds);
        if (register.holds) holds.set(register.name, register.holds);
        else holds.delete(register.name);
      }
      let lost = [];
      if (moment.sight !== undefined) {
        const next = moment.sight === "unknown" ? null : new Set(moment.sight["all-but"]);
        if (next && hidden) lost = [...next].filter((number) => !hidden.has(number) && number <= made);
        if (next && !hidden) lost = [...next].filter((number) => !lastKnown.has(number) && number <= made);
        if (next) lastKnown = next;
        hidden = next;
      }
      if (moment.kind === "allocation") made = moment.object;
      if (moment.kind === "instruction") phase = moment.phase;
      return { holds, hidden, made, phase, lost };
    });
  };
  let lastKnown = new Set();

  const describe = (moment) => {
    if (moment.kind === "instruction") {
      const code = line.code[moment.line];
      return `${code.place}  ${code.text}`;
    }
    if (moment.kind === "allocation") return `object #${moment.object} is allocated`;
    if (moment.kind === "gc-point") return `GC point ${moment.number}: ${moment.place}`;
    return moment.name;
  };

  // An object that a GC point would free, and that is used later: from when on is that so?
  const doomed = (object, state) => object.used_after !== null && state.hidden?.has(object.number);

  const drawBand = () => {
    const phases = [...new Set(states.map((state) => state.phase))];
    const share = (n) => `${(100 * n) / line.moments.length}%`;
    const parts = [];
    for (let start = 0; start < states.length; ) {
      let end = start;
      while (end < states.length && states[end].phase === states[start].phase) end += 1;
      const piece = element("span", states[start].phase || "before the call", `phase p${phases.indexOf(states[start].phase) % 8}`);
      piece.style.left = share(start);
      piece.style.width = share(end - start);
      piece.title = states[start].phase;
      parts.push(piece);
      start = end;
    }
    line.moments.forEach((moment, n) => {
      const bad = line.objects.some((object) => states[n].lost.includes(object.number) && object.used_after !== null);
      if (moment.kind !== "gc-point" && !bad) return;
      const mark = element("span", "", bad ? "mark lost" : "mark point");
      mark.style.left = share(n + 0.5);
      mark.title = describe(moment);
      parts.push(mark);
    });
    const here = element("span", "", "here");
    here.id = "here";
    band.replaceChildren(...parts, here);
  };

  const drawSteps = () => {
    const first = Math.max(0, Math.min(at - AROUND, line.moments.length - 2 * AROUND - 1));
    const last = Math.min(line.moments.length, first + 2 * AROUND + 1);
    const items = [];
    for (let n = first; n < last; n += 1) {
      const moment = line.moments[n];
      const item = element("li", describe(moment), moment.kind);
      item.value = n + 1;
      if (n === at) item.setAttribute("aria-current", "step");
      item.addEventListener("click", () => show(n));
      items.push(item);
    }
    steps.replaceChildren(...items);
  };

  const drawRegisters = (state) => {
    const rows = [...state.holds].map(([name, holds]) => {
      const row = document.createElement("tr");
      const number = Number(/^#(\d+)/.exec(holds)?.[1]);
      const only = state.hidden?.has(number) ? " (the scan does not see it)" : "";
      row.append(element("th", name), element("td", holds + only, only ? "out" : ""));
      row.firstChild.scope = "row";
      return row;
    });
    if (rows.length === 0) rows.push(element("tr", ""));
    registers.replaceChildren(...rows);
  };

  const drawObjects = (state) => {
    const rows = line.objects.filter((object) => object.number <= state.made).map((object) => {
      const row = document.createElement("tr");
      let sight = "reaches it", kind = "";
      if (state.hidden === null) sight = "cannot tell";
      else if (doomed(object, state)) {
        [sight, kind] = [`misses it, and ${object.used_after.place} uses it at step ${object.used_after.step}`, "out"];
      } else if (state.hidden.has(object.number)) sight = "misses it";
      row.append(element("th", `#${object.number}`), element("td", object.what), element("td", object.bytes, "number"));
      row.append(element("td", sight, kind));
      row.firstChild.scope = "row";
      return row;
    });
    objects.replaceChildren(...rows);
  };

  const show = (n) => {
    at = Math.max(0, Math.min(n, line.moments.length - 1));
    const [moment, state] = [line.moments[at], states[at]];
    slider.value = at;
    const lost = state.lost.length ? `; out of sight: ${state.lost.map((number) => `#${number}`).join(", ")}` : "";
    const cut = line.truncated && at === line.moments.length - 1 ? "; what came after was not recorded" : "";
    const scanned = moment.kind === "gc-point" ? `, ${moment.frames} frames and ${moment.roots} words scanned` : "";
    now.textContent =
      `${at + 1} of ${line.moments.length}, step ${moment.step}, ${state.phase || "before the call"}: ${describe(moment)}${scanned}${lost}${cut}`;
    part("here").style.left = `${(100 * (at + 0.5)) / line.moments.length}%`;
    drawSteps();
    drawRegisters(state);
    drawObjects(state);
  };

  // The nearest moment in a direction at which something holds; the present one when there is none.
  const seek = (direction, holds) => {
    for (let n = at + direction; n >= 0 && n < line.moments.length; n += direction) if (holds(n)) return show(n);
    return show(at);
  };
  const isPoint = (n) => line.moments[n].kind === "gc-point";
  const isLoss = (n) => states[n].lost.length > 0;

  const keys = {
    ArrowRight: () => show(at + 1),
    ArrowLeft: () => show(at - 1),
    PageDown: () => show(at + 10),
    PageUp: () => show(at - 10),
    Home: () => show(0),
    End: () => show(line.moments.length - 1),
    g: () => seek(1, isPoint),
    G: () => seek(-1, isPoint),
    h: () => seek(1, isLoss),
    H: () => seek(-1, isLoss),
  };
  viewer.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  });

  const choose = () => {
    line = recorded[Number(which.value)].timeline;
    lastKnown = new Set();
    states = workOut();
    slider.max = line.moments.length - 1;
    drawBand();
    show(0);
  };
  which.addEventListener("change", choose);
  slider.addEventListener("input", () => show(Number(slider.value)));
  part("back").addEventListener("click", keys.ArrowLeft);
  part("forth").addEventListener("click", keys.ArrowRight);
  part("point").addEventListener("click", keys.g);
  part("hidden").addEventListener("click", keys.h);
  choose();
})();
