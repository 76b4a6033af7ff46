// What the inbox does better with a script: choose all that stands on a page. Without it every box is ticked by hand.
"use strict";
for (const all of document.querySelectorAll("[data-all]")) {
  const boxes = () => all.form.querySelectorAll("input[name=receipt]");
  const label = all.closest("label");
  label.hidden = false;
  const show = () => {
    const list = [...boxes()];
    const count = list.filter((box) => box.checked).length;
    all.checked = count > 0 && count === list.length;
    all.indeterminate = count > 0 && count < list.length;
    for (const box of list) box.closest("[data-row]").toggleAttribute("data-chosen", box.checked);
    for (const said of document.querySelectorAll("[data-count]")) said.textContent = count ? ` (${count})` : "";
  };
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  all.form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}
