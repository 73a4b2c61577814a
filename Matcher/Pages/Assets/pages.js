// What pages do beyond plain HTML. Everything works without it; it only makes some things quicker.

// A picture that cannot be shown says so in place of the browser's torn icon.
for (const image of document.querySelectorAll("img.thumb")) {
  const say = () => {
    const text = document.createElement("span");
    text.className = "no-picture";
    text.textContent = image.alt || "no picture";
    image.replaceWith(text);
  };
  if (image.complete && image.naturalWidth === 0) say();
  else image.addEventListener("error", say, { once: true });
}
