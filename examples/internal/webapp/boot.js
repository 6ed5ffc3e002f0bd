// Starts the Go program of the page.
"use strict";

(async () => {
  const fail = (title, text) => {
    const box = document.createElement("div");
    const pre = document.createElement("pre");
    box.className = "boot-error";
    box.setAttribute("role", "alert");
    pre.textContent = text;
    box.append(title, pre);
    document.body.prepend(box);
  };
  try {
    const response = await fetch("app.wasm");
    if (!response.ok) {
      fail("The page's program does not build.", await response.text());
      return;
    }
    const go = new Go();
    const { instance } = await WebAssembly.instantiateStreaming(response, go.importObject);
    await go.run(instance);
    fail("The page's program has ended.", "Reload the page to start it again.");
  } catch (error) {
    fail("The page's program cannot run.", String(error));
  }
})();
