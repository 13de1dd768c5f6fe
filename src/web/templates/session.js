// Who is there: logging in, and the session, whose tokens stay in the memory of this page. Where a
// request waits for something else first (new tokens, a code of the second factor, or a device
// that shows codes), that is done here, and the same request goes out again.
"use strict";
const at = (id) => document.getElementById(id);
let session = null;
// The address that was typed for it, or for the one before.
let whose = null;
let challenge = null;
// Counts the pages that were gone to: what was asked for one is not shown on the next.
let visit = 0;

function say(text, good) {
  at("said").textContent = text;
  at("said").className = good ? "good" : "bad";
}

function add(parent, tag, text, more) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  Object.assign(made, more);
  parent.append(made);
  return made;
}

// Runs what a form does, once at a time, and says what went wrong.
function on(form, run) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    const mine = visit;
    try {
      await run(form.elements, event.submitter);
    } catch (problem) {
      if (mine === visit) say(problem.message, false);
    }
    buttons.forEach((button) => { button.disabled = false; });
  });
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16)).join("-");
}

// One request: what it tells, or the file that it is; an Error with the problem's own words where the API refuses it.
async function send(method, address, body, { token, key }) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": key });
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The service could not be reached. Please try again.");
  }
  const kind = answer.headers.get("Content-Type") || "";
  const told = kind.includes("json") ? await answer.json() : null;
  if (answer.ok) return told || !answer.headers.has("Content-Disposition") ? told : answer.blob();
  const fields = (told?.fields || []).map((field) => `${field.pointer}: ${field.message}`);
  throw Object.assign(new Error([told?.detail || answer.statusText, ...fields].join(" ")),
    { status: answer.status, code: told?.code });
}

// The answer of the API. What goes out again has the key of the first time, and so one effect.
async function ask(method, address, body) {
  const key = newKey();
  const mine = visit;
  let renewed = null;
  for (;;) {
    const used = session;
    try {
      return await send(method, address, body, { token: used?.access_token, key });
    } catch (problem) {
      if (!used) throw problem;
      if (problem.code === "unauthenticated" && used !== renewed) {
        await renew(used);
        renewed = session;
      } else if (problem.code === "step_up_required" || problem.code === "factor_required") {
        await need(problem.code === "factor_required" ? "enrol" : "step", problem);
        renewed = null;
      } else {
        throw problem;
      }
      // Somebody else may be there by now.
      if (mine !== visit) throw problem;
    }
  }
}

// New tokens for all who wait, by one request: a refresh token that is sent twice ends the session.
let renewing = null;
async function renew(used) {
  if (session === used && !renewing) {
    const body = { refresh_token: used.refresh_token };
    renewing = send("POST", "/api/v1/auth/refresh", body, { key: newKey() })
      .then((told) => { session = told; }, (problem) => {
        // Where no answer came it may have been used all the same.
        if (problem.status === 401 || problem.status === undefined) over();
        throw problem;
      })
      .finally(() => { renewing = null; });
  }
  if (session === used) await renewing;
  if (!session) throw new Error("Your session is over.");
}

// Whoever is there logs in anew, and finds the same page, with what they typed.
function over() {
  session = null;
  visit += 1;
  forgo();
  for (const id of ["facts", "todo"]) at(id).replaceChildren();
  for (const id of ["places", "facts", "todo", "answer", "vouch"]) at(id).hidden = true;
  firstStep();
  say("Your session is over: please log in again. What you wrote is kept.", false);
}

// What was typed as a code: six digits, also with a space among them, or else a recovery code.
function shows(typed) {
  const code = typed.replace(/\s/g, "");
  return /^\d{6}$/.test(code) ? { code } : { recovery_code: typed.trim() };
}

function firstStep() {
  challenge = null;
  const { email, password, code } = at("login").elements;
  email.disabled = password.disabled = code.required = false;
  code.value = "";
  at("factor").hidden = true;
  at("login").hidden = false;
}

on(at("login"), async (form) => {
  say("", true);
  let told;
  if (challenge) {
    const body = { challenge, ...shows(form.code.value) };
    told = await ask("POST", "/api/v1/auth/login/factor", body).catch((problem) => {
      // Too late, or tried too often: only the password gives another one.
      if (["token_refused", "login_failed"].includes(problem.code)) firstStep();
      throw problem;
    });
  } else {
    const who = { email: form.email.value, password: form.password.value };
    told = await ask("POST", "/api/v1/auth/login", who);
  }
  form.password.value = form.code.value = "";
  if (told.challenge) {
    challenge = told.challenge;
    at("factor").hidden = false;
    form.email.disabled = form.password.disabled = true;
    form.code.required = true;
    form.code.focus();
    return;
  }
  session = told;
  // Recovery codes are shown this once: they stay for whose they are.
  const who = form.email.value.toLowerCase();
  if (at("kept").hidden || who !== whose) settle("enrol", false);
  whose = who;
  firstStep();
  const mine = visit;
  await entered();
  if (mine === visit) at("title").focus();
});

on(at("register"), async (form) => {
  const who = { name: form.name.value, email: form.email.value, password: form.password.value };
  await ask("POST", "/api/v1/auth/register", who);
  at("new").open = false;
  say("Look into your mail: it says how to go on. Then come back to this page and log in.", true);
});

at("forgot").addEventListener("click", async () => {
  const email = at("login").elements.email;
  if (!email.reportValidity()) return;
  try {
    await ask("POST", "/api/v1/auth/request-reset", { email: email.value });
    say("If there is an account with this address, a mail says how to go on.", true);
  } catch (problem) {
    say(problem.message, false);
  }
});

// By the form that takes it: what requests wait for.
const needs = {};

// Shows a form, and waits for what it takes. Who will not do it is refused as they were.
function need(id, problem) {
  if (!needs[id]) {
    needs[id] = {};
    needs[id].promise = new Promise((done, refuse) => {
      Object.assign(needs[id], { done, refuse: () => refuse(problem) });
    });
    at(id).hidden = false;
    say("", true);
    at(id).elements[0].focus();
  }
  return needs[id].promise;
}

function settle(id, well) {
  const waiting = needs[id];
  delete needs[id];
  at(id).hidden = true;
  at(id).reset();
  if (id === "enrol") enrolling("prove");
  if (well) waiting?.done();
  else waiting?.refuse();
}

// Nobody waits any more; recovery codes stay until they are kept.
function forgo() {
  settle("step", false);
  if (at("kept").hidden) {
    settle("enrol", false);
  } else {
    needs.enrol?.refuse();
    delete needs.enrol;
  }
}

on(at("step"), async (form, button) => {
  if (button?.value !== "no") {
    await ask("POST", "/api/v1/auth/step-up", shows(form.code.value));
    say("", true);
  }
  settle("step", button?.value !== "no");
});

// Shows one step of enrolling a device; each step shows what it shows this once.
function enrolling(step) {
  for (const id of ["prove", "device", "kept"]) at(id).hidden = id !== step;
  const form = at("enrol").elements;
  form.password.value = form.code.value = "";
  form.password.required = step === "prove";
  form.code.required = step === "device";
  form.say.hidden = step === "kept";
  if (step !== "device") {
    at("secret").textContent = "";
    at("uri").removeAttribute("href");
  }
  if (step !== "kept") at("codes").replaceChildren();
}

on(at("enrol"), async (form, button) => {
  if (button?.value === "no") {
    settle("enrol", false);
  } else if (!at("prove").hidden) {
    const made = await ask("POST", "/api/v1/me/factor", { password: form.password.value });
    enrolling("device");
    at("secret").textContent = made.secret.replace(/.{4}(?=.)/g, "$& ");
    at("uri").href = made.otpauth_uri;
    say("", true);
    form.code.focus();
  } else if (!at("device").hidden) {
    const code = form.code.value.replace(/\s/g, "");
    const told = await ask("POST", "/api/v1/me/factor/confirm", { code }).catch((problem) => {
      // It took too long: another secret.
      if (problem.code === "wrong_state") enrolling("prove");
      throw problem;
    });
    enrolling("kept");
    for (const one of told.recovery_codes) add(add(at("codes"), "li"), "code", one);
    say("Your second factor is enrolled.", true);
  } else {
    settle("enrol", true);
  }
});

// The session ends with the page.
addEventListener("pagehide", () => {
  if (!session) return;
  const Authorization = `Bearer ${session.access_token}`;
  const headers = { Authorization, "Content-Type": "application/json" };
  fetch("/api/v1/auth/logout", { method: "POST", headers, body: "{}", keepalive: true });
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
