// Pointing at a name, or coming to it by keyboard, shows its own links; the drawing itself needs no script.
"use strict";
const drawing = document.querySelector(".hub");
if (drawing) {
  const region = drawing.parentElement;
  // On a narrow screen, the middle with the names on its left; those on its right are a push away.
  const centre = drawing.querySelector(".centre");
  if (centre) region.scrollLeft = Number(centre.getAttribute("cx")) + 20 - region.clientWidth;
  const lines = [...drawing.querySelectorAll("path[data-from]")];
  const names = [...drawing.querySelectorAll("a[data-node]")];
  const rows = [...document.querySelectorAll("tr[data-from]")];
  const touches = (element, iri) => element.dataset.from === iri || element.dataset.to === iri;

  const show = (iri) => {
    drawing.classList.toggle("pointed", iri !== "");
    const reached = new Set([iri]);
    for (const line of lines) {
      const is = iri !== "" && touches(line, iri);
      line.classList.toggle("lit", is);
      if (is) { reached.add(line.dataset.from); reached.add(line.dataset.to); }
    }
    for (const name of names) name.classList.toggle("lit", reached.has(name.dataset.node));
    for (const row of rows) row.classList.toggle("lit", iri !== "" && touches(row, iri));
  };
  for (const name of names) {
    for (const begins of ["pointerenter", "focus"]) name.addEventListener(begins, () => show(name.dataset.node));
    for (const ends of ["pointerleave", "blur"]) name.addEventListener(ends, () => show(""));
  }
}
