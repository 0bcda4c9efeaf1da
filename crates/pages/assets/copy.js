// Buttons that copy the text beside them. Without scripts they are hidden, and the text can be selected. A page that
// shows a new secret has the address to continue to, so that a reload does not submit its form again.
import { toClipboard } from "./app.js";

const once = document.querySelector("[data-leave-to]");
if (once) history.replaceState(null, "", document.documentElement.dataset.base + once.dataset.leaveTo);
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await toClipboard(button.parentElement.querySelector("code").textContent);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}
