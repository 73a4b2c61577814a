// A picture that is dropped on the page or pasted is compared at once. Without it the form does the same.
const form = document.querySelector("#probe");
const [file, address, button] = [form.elements.picture, form.elements.uri, form.querySelector("button")];
const said = document.querySelector("#probe-said");
const { maxBytes, maxSize } = form.dataset;
document.querySelector("#probe-script").hidden = false;

const tooLarge = (picture) => {
  const large = picture !== undefined && picture.size > Number(maxBytes);
  said.textContent = large ? `${picture.name} is too large: ${maxSize} is the most.` : "";
  return large;
};

const send = (picture) => {
  const chosen = new DataTransfer();
  chosen.items.add(picture);
  file.files = chosen.files;
  address.value = "";
  form.requestSubmit();
};

const sendAddress = (text) => {
  if (!/^https?:\/\/\S+$/i.test(text)) return false;
  file.value = "";
  address.value = text;
  form.requestSubmit();
  return true;
};

form.addEventListener("submit", (event) => {
  if (tooLarge(file.files[0])) {
    event.preventDefault();
    return;
  }
  button.disabled = true;
  said.textContent = "Comparing…";
});
file.addEventListener("change", () => tooLarge(file.files[0]));
addEventListener("pageshow", () => { button.disabled = false; said.textContent = ""; }); // Back from the answer.

// Text that goes into a field is the field's, even when a picture of it comes along, as from a spreadsheet.
const isForField = (event, data) =>
  event.target.closest?.("input:not([type=file]), textarea") && [...data.types].includes("text/plain");

addEventListener("dragover", (event) => {
  if (isForField(event, event.dataTransfer)) return;
  event.preventDefault();
  form.classList.add("over");
});
addEventListener("dragleave", (event) => { if (event.relatedTarget === null) form.classList.remove("over"); });
addEventListener("drop", (event) => {
  form.classList.remove("over");
  if (isForField(event, event.dataTransfer)) return;
  event.preventDefault();
  const { files } = event.dataTransfer;
  const link = event.dataTransfer.getData("text/uri-list").split("\n")[0].trim();
  if (files.length > 0) send(files[0]);
  else if (!sendAddress(link)) said.textContent = "That is neither a picture nor an address.";
});
addEventListener("paste", (event) => {
  if (isForField(event, event.clipboardData)) return;
  const picture = [...event.clipboardData.files][0];
  if (picture) send(picture);
  else if (!sendAddress(event.clipboardData.getData("text/plain").trim())) return;
  event.preventDefault();
});
