// Keys, pictures fetched ahead and answers without waiting. Without it the page's links and forms do the same, a page at a time.

bindKeys();
if (document.querySelector("#answer")) review();

// The legend is the table of keys: each presses the control that carries its action. On a group's page digits choose pictures.
function bindKeys() {
  const rows = [...document.querySelectorAll("[data-key]")];
  const actions = new Map(rows.map((row) => [row.dataset.key, `[data-do="${row.dataset.action}"]`]));
  for (const box of document.querySelectorAll("[data-digit]")) actions.set(box.dataset.digit, `[data-digit="${box.dataset.digit}"]`);
  const on = document.querySelector("#keys-on");
  if (on) on.hidden = false;
  document.addEventListener("keydown", (event) => {
    const control = document.querySelector(actions.get(event.key) ?? "#none");
    const writes = event.target.closest("input:not([type=checkbox]), select, textarea");
    const off = on && !on.querySelector("input").checked && event.key !== "?";
    if (!control || writes || off || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    control.click();
  });
}

function review() {
  const byId = (id) => document.getElementById(id);
  const [frame, ahead, form, undo, said] = ["pair", "ahead", "answer", "undo", "said"].map(byId);
  const sent = new Set(); // Pairs whose answers are on the way.
  let work = Promise.resolve(); // Posts arrive in the order in which they were made.
  let shown = frame.querySelector(".pair-card");
  if (shown) shown.dataset.request = form.elements.request.value; // The page's form and its card are one form.
  let chosen = form.elements.at.value === ""; // By its address or by an undo: it stays, whatever the queue says.
  const keyOf = (card) => `${card.dataset.a}-${card.dataset.b}`;
  const looks = compare(frame, form);
  enqueue(() => readOn(refill));

  for (const button of form.querySelectorAll("button[name=word]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      answer(button);
    });
  }
  undo.addEventListener("submit", (event) => {
    event.preventDefault();
    enqueue(takeBack);
  });
  for (const [action, step] of [["next", 1], ["previous", -1]]) {
    document.querySelector(`[data-do=${action}]`)?.addEventListener("click", (event) => {
      if (chosen && form.elements.at.value === "") return; // A link to the queue.
      event.preventDefault();
      move(step);
    });
  }

  function answer(button) {
    if (!shown) return;
    const [card, data] = [shown, new FormData(form, button)];
    sent.add(keyOf(card));
    chosen = false;
    if (form.elements.at.value === "") form.elements.at.value = "0";
    show(next());
    enqueue(async () => {
      const { ok, body } = await post(form.action, data).finally(() => sent.delete(keyOf(card)));
      tell(body.said, ok);
      await readOn(async () => {
        if (!ok && body.a) await showPair(body); // Another word of the same form stands: a new form asks again.
        await refill();
      });
    }, () => {
      if (shown) ahead.prepend(shown);
      show(card);
    });
  }

  async function takeBack() {
    const { ok, body } = await post(undo.action, new FormData(undo));
    undo.elements.request.value = body.request;
    tell(body.said, ok);
    await readOn(async () => {
      if (ok && body.a) await showPair(body);
      await refill();
    });
  }

  async function showPair({ a, b }) {
    const [card] = (await fetchCards(`?a=${a}&b=${b}`)).cards;
    if (!card) return;
    chosen = true;
    show(card);
  }

  function tell(text, ok) {
    said.textContent = text;
    said.classList.toggle("refused", !ok);
  }

  function move(step) {
    const from = Number(form.elements.at.value);
    form.elements.at.value = String(Math.max(0, chosen ? from : from + step)); // From a chosen pair back to the queue.
    chosen = false;
    show(step > 0 ? next() : null);
    enqueue(() => readOn(refill));
  }

  const next = () => [...ahead.children].find((card) => !sent.has(keyOf(card))) ?? null;

  function show(card) {
    shown = card;
    frame.replaceChildren(...(card ? [card] : []));
    frame.setAttribute("aria-busy", String(!card));
    byId("no-pair").hidden = true;
    for (const button of form.querySelectorAll("button[name=word]")) button.disabled = !card;
    if (card) {
      for (const name of ["a", "b", "request", "standing"]) form.elements[name].value = card.dataset[name];
    }
    looks.reset();
  }

  // Takes what the server says is open: shows the first of it when what is shown is settled, and loads the pictures of the rest.
  async function refill() {
    const { wrapper, cards } = await fetchCards(`?at=${form.elements.at.value || 0}`);
    byId("counts").textContent = wrapper.dataset.counts;
    byId("contradictions").textContent = wrapper.dataset.contradictions;
    const open = cards.filter((card) => !sent.has(keyOf(card)));
    const known = new Map([...ahead.children].map((card) => [keyOf(card), card]));
    const fresh = open.map((card) => known.get(keyOf(card)) ?? card);
    if (!chosen) form.elements.at.value = wrapper.dataset.at;
    if (!shown || (!chosen && !fresh.some((card) => keyOf(card) === keyOf(shown)))) show(fresh[0] ?? null);
    byId("no-pair").hidden = shown !== null;
    frame.setAttribute("aria-busy", "false");
    ahead.replaceChildren(...fresh.filter((card) => !shown || keyOf(card) !== keyOf(shown)));
    for (const image of ahead.querySelectorAll("img")) image.decode().catch(() => { });
    const pair = chosen && shown ? `/review/pair?a=${shown.dataset.a}&b=${shown.dataset.b}` : null;
    looks.remember(pair ?? `/review?at=${form.elements.at.value || 0}`);
  }

  async function fetchCards(query) {
    const response = await fetch(`/review/next${query}`);
    if (!response.ok) throw new Error(`The queue answered ${response.status}.`);
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    const wrapper = template.content.querySelector("[data-counts]");
    return { wrapper, cards: [...wrapper.querySelectorAll(".pair-card")] };
  }

  function enqueue(run, failed = () => { }) {
    work = work.then(run).catch(() => {
      tell("The server did not take this: try again. If it goes on, load the page again.", false);
      failed();
    });
  }

  // What was said stands, also when what comes next cannot be read.
  const readOn = (read) => read().catch(() => tell(`${said.textContent} The next pairs could not be read: load the page again.`, false));

  async function post(address, data) {
    const headers = { "X-Cpf-Form": data.get("__RequestVerificationToken") };
    const response = await fetch(address, { method: "POST", headers, body: new URLSearchParams(data) });
    const body = await response.json();
    if (typeof body.said !== "string") throw new Error(`The answer ${response.status} does not say what became of the form.`);
    return { ok: response.ok, body };
  }
}

// How the two pictures lie on each other, and how near they are: the same for both.
function compare(frame, form) {
  const links = [...document.querySelectorAll("[data-view-link]")];
  const split = document.querySelector("#split");
  let [zoom, x, y, address] = [1, 0, 0, new URL(location.href)];
  document.querySelector("#zoom").hidden = false;
  view(frame.dataset.view);

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      view(link.dataset.viewLink);
    });
  }
  split.querySelector("input").addEventListener("input", (event) => frame.style.setProperty("--split", `${event.target.value}%`));
  for (const [action, factor] of [["zoom-in", 1.5], ["zoom-out", 1 / 1.5], ["zoom-reset", 0]]) {
    document.querySelector(`[data-do=${action}]`).addEventListener("click", () => near(factor * zoom));
  }
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && zoom === 1) return; // The page scrolls.
    event.preventDefault();
    near(zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
  }, { passive: false });
  frame.addEventListener("pointerdown", (event) => {
    if (zoom === 1 || !event.target.closest(".stage")) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    const drag = (to) => place(x + to.movementX, y + to.movementY);
    frame.addEventListener("pointermove", drag);
    frame.addEventListener("pointerup", () => frame.removeEventListener("pointermove", drag), { once: true });
  });

  function view(word) {
    const flips = word === "flip" && frame.dataset.view === "flip";
    if (flips && frame.dataset.ready) frame.dataset.top = frame.dataset.top === "a" ? "b" : "a";
    frame.dataset.ready = "1";
    frame.dataset.view = word;
    [form.elements.view.value, form.elements.top.value] = [word, frame.dataset.top];
    split.hidden = word !== "split";
    for (const link of links) {
      if (link.dataset.viewLink === word) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    remember(address);
  }

  function near(value) {
    zoom = Math.min(8, Math.max(1, value));
    place(zoom === 1 ? 0 : x, zoom === 1 ? 0 : y);
  }

  function place(toX, toY) {
    [x, y] = [toX, toY];
    frame.style.setProperty("--zoom", zoom);
    frame.style.setProperty("--x", `${x}px`);
    frame.style.setProperty("--y", `${y}px`);
    frame.classList.toggle("near", zoom > 1);
  }

  // The address names what is seen, so that it can be sent to somebody.
  function remember(to) {
    address = new URL(to, location.href);
    const seen = { view: frame.dataset.view === "side" ? "" : frame.dataset.view, top: frame.dataset.top === "b" ? "b" : "" };
    for (const [name, value] of Object.entries(seen)) {
      address.searchParams.delete(name);
      if (value) address.searchParams.set(name, value);
    }
    history.replaceState(null, "", address);
  }

  return { reset: () => near(1), remember };
}
