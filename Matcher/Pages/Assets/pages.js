// What pages do beyond plain HTML. Everything works without it; it only makes some things quicker.

// A picture that cannot be shown says so in place of the browser's torn icon.
// Before that it is asked for once more: the server may have been busy.
const notShown = (image) => {
  if (image.dataset.askedAgain) {
    const text = document.createElement("span");
    text.className = "no-picture";
    text.textContent = image.alt || "no picture";
    image.replaceWith(text);
    return;
  }
  image.dataset.askedAgain = "1";
  image.style.visibility = "hidden";
  image.addEventListener("load", () => { image.style.visibility = ""; }, { once: true });
  setTimeout(() => { image.src = image.getAttribute("src"); }, 2000);
};
document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement && event.target.matches(".thumb")) notShown(event.target);
}, true); // Errors of pictures do not bubble.
for (const image of document.querySelectorAll("img.thumb")) if (image.complete && image.naturalWidth === 0) notShown(image);

// What goes on is brought up to date while it does, without the page being loaded again.
const bringUpToDate = async (id) => {
  const shown = document.getElementById(id);
  if (!shown?.dataset.live) {
    if (shown) location.reload(); // It has ended, and the rest of the page tells of what was before.
    return;
  }
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
      if (answer.ok && found === null) { location.reload(); return; }
      if (answer.ok && found.innerHTML !== shown.innerHTML) shown.replaceWith(found);
    } catch { /* The server is away for a moment: the next look may find it. */ }
  }
  setTimeout(bringUpToDate, 2000, id);
};
for (const live of document.querySelectorAll("[data-live]")) {
  live.querySelector(".live-hint")?.remove();
  setTimeout(bringUpToDate, 2000, live.id);
}

// A slider beside a field of numbers: it writes into the field and asks at once.
for (const form of document.querySelectorAll("form[data-slider]")) {
  const field = form.querySelector("input[type=number]");
  const slider = form.querySelector("input[type=range]");
  slider.parentElement.hidden = false;
  slider.addEventListener("input", () => { field.value = slider.value; });
  field.addEventListener("input", () => { slider.value = field.value; });
  slider.addEventListener("change", () => form.requestSubmit());
}
