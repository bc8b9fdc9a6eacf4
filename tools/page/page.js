
"use strict";
(() => {
  const token = document.getElementById("token");
  const contents = document.querySelector("nav details");
  const narrow = window.matchMedia("(max-width: 61.99rem)");

  for (const element of document.querySelectorAll("[data-script]")) element.hidden = false;
  const fold = () => { contents.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();

  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const group of document.querySelectorAll("nav details > ul > li")) {
      const links = [...group.querySelectorAll("li")];
      for (const link of links) link.hidden = !link.textContent.toLowerCase().includes(wanted);
      group.hidden = links.every((link) => link.hidden);
    }
  });

  for (const form of document.querySelectorAll("form[data-path]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, form.querySelector("button"), form.querySelector(".reply"));
    });
  }

  function request(form) {
    const headers = {};
    const query = new URLSearchParams();
    let path = form.dataset.path;
    let body;
    if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
    for (const input of form.querySelectorAll("[data-in]")) {
      const { name, value } = input;
      if (input.dataset.in === "path") path = path.replace(`{${name}}`, value.split("/").map(encodeURIComponent).join("/"));
      else if (input.dataset.in === "body") body = value;
      else if (value && input.dataset.in === "query") query.append(name, value);
      else if (value) headers[name] = value;
    }
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const search = query.size ? `?${query}` : "";
    return [path + search, { method: form.dataset.method, headers, body, cache: "no-store" }];
  }

  async function send(form, button, reply) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const [url, options] = request(form);
      const answer = await fetch(url, options);
      const text = await answer.text();
      show(reply, `${answer.status} ${answer.statusText}`, [...answer.headers].map((pair) => pair.join(": ")).join("\n"), pretty(text));
    } catch (error) {
      show(reply, "No answer", "", String(error));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  function pretty(text) {
    let value;
    try { value = JSON.parse(text); } catch { return text; }
    if (value && typeof value.token === "string") token.value = value.token;
    return JSON.stringify(value, null, 2);
  }

  function show(reply, status, headers, body) {
    const line = document.createElement("strong");
    line.textContent = status;
    reply.replaceChildren(line, ...[headers, body].filter(Boolean).map((text) => {
      const block = document.createElement("pre");
      block.tabIndex = 0;
      block.textContent = text;
      return block;
    }));
  }
})();
