// The script of declweb's forms: live conditions, how long filling in took, one key for each page, nothing sent twice,
// the focus on what is wrong, and files that are too large before they travel. Forms work without it.
"use strict";
(() => {
  // --- conditions: the same as declweb/forms/conditions.py; a test runs both ---
  const NUMBER = /^([+-]?)0*([0-9]*)(?:[.,]([0-9]*?)0*)?$/;
  const ON_THE_MINUTE = /^([^]*[0-9]{2}:[0-9]{2}):00(?:\.0*)?$/;

  const normal = (type, written) => {
    const text = written.trim();
    if (type === "number" || type === "integer") {
      const found = NUMBER.exec(text);
      if (!found || !/[0-9]/.test(text)) return text;
      const plain = found[3] ? `${found[2] || "0"}.${found[3]}` : found[2] || "0";
      return found[1] === "-" && plain !== "0" ? `-${plain}` : plain;
    }
    if (type === "date" || type === "time" || type === "datetime") {
      const moment = text.replace(" ", "T");
      const found = ON_THE_MINUTE.exec(moment);
      return found ? found[1] : moment;
    }
    return text.replace(/\r\n?/g, "\n");
  };
  const given = (type, texts) => (texts || []).map((text) => normal(type, text)).filter(Boolean);
  const passes = (wanted, texts) =>
    wanted.some((each) => (typeof each === "boolean" ? texts.length > 0 === each : texts.includes(each)));
  const holds = (tests, answers) => tests.every(([name, type, wanted]) => passes(wanted, given(type, answers[name])));
  const visible = (show, answers) => {
    const known = new Map();
    const isShown = (name) => {
      if (!known.has(name)) {
        known.set(name, false);
        known.set(name, (show[name] || []).every(([other, type, wanted]) =>
          passes(wanted, isShown(other) ? given(type, answers[other]) : [])));
      }
      return known.get(name);
    };
    return Object.fromEntries(Object.entries(answers).filter(([name]) => isShown(name)));
  };
  if (typeof module === "object") module.exports = { normal, holds, visible };
  if (typeof document !== "object") return;

  // --- fields ---
  const answers = (form) => {
    const found = {};
    for (const each of form.elements) {
      const name = each.name.replace(/^_ticket\./, "");
      if (!name || name.startsWith("_")) continue;
      const texts = (found[name] ||= []);
      if (each.name !== name) texts.push(...(each.checked ? ["kept"] : []));
      else if (each.type === "checkbox") texts.push(...(each.checked ? [each.value || "on"] : []));
      else if (each.type === "radio") texts.push(...(each.checked ? [each.value] : []));
      else if (each.type === "file") texts.push(...Array.from(each.files, (file) => file.name));
      else texts.push(each.value);
    }
    return found;
  };
  const read = (element, name) => JSON.parse(element.dataset[name] || "null");

  const follow = (form) => {
    const fields = [...form.querySelectorAll("[data-show-when], [data-required-when]")];
    if (!fields.length) return;
    for (const word of form.querySelectorAll(".dw-when")) word.remove(); // what it says is seen from now on
    const show = {};
    for (const field of fields) if (field.dataset.showWhen) show[field.dataset.field] = read(field, "showWhen");
    const update = () => {
      const seen = visible(show, answers(form));
      for (const field of fields) {
        const isShown = !show[field.dataset.field] || holds(show[field.dataset.field], seen);
        const when = read(field, "requiredWhen");
        const isRequired = "required" in field.dataset || (when !== null && holds(when, seen));
        field.hidden = !isShown;
        for (const input of field.querySelectorAll("input, select, textarea")) {
          if (!("sold" in input.dataset)) input.disabled = !isShown;
          if ("needed" in input.dataset) input.required = isShown && isRequired;
        }
        for (const word of field.querySelectorAll(".dw-optional")) word.hidden = isRequired;
      }
    };
    form.addEventListener("input", update);
    form.addEventListener("change", update);
    addEventListener("pageshow", update);
    update();
  };

  // Always shown, as GOV.UK does by default: what appears only near the end startles, and comes too late to plan a text.
  const count = (field) => {
    const told = document.getElementById(`${field.id}-count`);
    if (!told) return;
    const most = Number(told.dataset.most);
    field.removeAttribute("maxlength"); // it would cut off what is pasted without a word
    let waiting;
    const tell = () => {
      const left = most - field.value.length;
      const words = (left < 0 ? told.dataset.over : told.dataset.left).replace("{count}", Math.abs(left));
      told.classList.toggle("dw-count-over", left < 0);
      if (told.textContent !== words) told.textContent = words;
    };
    told.hidden = false;
    tell();
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(tell, 250); // so that a screen reader is not interrupted by every letter
    });
  };

  const weigh = (input) => {
    const most = Number(input.dataset.maxSize);
    const id = `${input.id}-error`;
    const check = () => {
      const isTooLarge = Array.from(input.files).some((file) => file.size > most);
      let told = document.getElementById(id);
      if (isTooLarge && !told) {
        told = Object.assign(document.createElement("div"), { id, className: "dw-error" });
        input.before(told);
        input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${id}`.trim());
      }
      if (isTooLarge) told.textContent = input.dataset.tooLarge;
      if (isTooLarge || input.files.length) told?.toggleAttribute("hidden", !isTooLarge);
      if (isTooLarge) input.setAttribute("aria-invalid", "true");
      else if (input.files.length) input.removeAttribute("aria-invalid");
      return !isTooLarge;
    };
    input.addEventListener("change", check);
    return () => input.disabled || check();
  };

  // --- sending ---
  const fill = (form, name, value) => {
    let input = form.elements.namedItem(name);
    if (!input) {
      input = Object.assign(document.createElement("input"), { type: "hidden", name });
      form.append(input);
    }
    input.value = value;
  };
  const random = () => {
    if (self.crypto?.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // One key for what is sent from one page: it is the same again after going back, after reloading, and on the page that
  // says what is wrong, so that what is sent once more is known by it.
  const keyOf = (form) => {
    const name = `declweb ${form.getAttribute("action") || location.pathname}`;
    const isAnswer = document.querySelector(".dw-summary"); // replaceState would make its reload forget what was sent
    let key;
    try {
      key = (isAnswer ? sessionStorage.getItem(name) : history.state?.[name]) || random();
      sessionStorage.setItem(name, key);
      if (!isAnswer) history.replaceState({ ...history.state, [name]: key }, "");
    } catch {
      key ||= random(); // where nothing may be remembered
    }
    return key;
  };

  const start = (form) => {
    if (form.dataset.started) return;
    form.dataset.started = "";
    const opened = performance.now();
    const key = keyOf(form);
    let sent = 0;
    const weighed = [...form.querySelectorAll("input[type=file][data-max-size]")].map((input) => [input, weigh(input)]);
    follow(form);
    form.querySelectorAll("textarea, input").forEach(count);
    form.addEventListener("submit", (event) => {
      const heavy = weighed.find(([, isLight]) => !isLight());
      if (heavy) {
        event.preventDefault();
        heavy[0].focus();
      } else if (sent && performance.now() - sent < 20000) {
        event.preventDefault(); // it is on its way
      } else {
        sent = performance.now();
        fill(form, "_key", key);
        fill(form, "_seconds", ((sent - opened) / 1000).toFixed(1));
      }
    });
    addEventListener("pageshow", () => { sent = 0; });
  };

  const script = document.currentScript;
  const begin = () => {
    for (const form of document.forms) {
      const isOurs = "declweb" in form.dataset || (script?.dataset.action && form.method === "post"
        && new URL(form.action, location).pathname === new URL(script.dataset.action, location).pathname);
      if (isOurs) start(form);
    }
    document.querySelector("[data-focus]")?.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
