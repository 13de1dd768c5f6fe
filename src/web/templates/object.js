// Shows what a mailed link leads to, to those whom it concerns: who logs in reads it from the API
// by the page's own path, and answers what they are asked. A secret stands behind the # of the
// link, and so in no log; it goes to the API in the body of a request.
"use strict";
const at = (id) => document.getElementById(id);
const here = () => location.pathname.replace(/\/+$/, "") || "/me/next";
let path = here();
const secretAt = () => new URLSearchParams(location.hash.slice(1)).get("token");
let secret = secretAt();
const seatAt = () => path.match(/^(\/applications\/[^/]+)\/members\/([^/]+)$/);
let seat = seatAt();
// What the API tells of by the token alone.
let previewed = secret && (seat || /^\/(nominations|delegations)\//.test(path));
const LISTS = ["applications", "concerns", "delegations", "disbursements", "grants", "merges",
  "nominations", "offers", "payees", "reviews", "screenings", "vouch-requests"];
const PAGES = { application: "applications", grant: "grants", review: "reviews",
  vouch_request: "vouch-requests", merge: "merges", nomination: "nominations",
  delegation: "delegations", offer: "offers", payee: "payees", disbursement: "disbursements" };
// What there is to look around in, with who finds something there.
const PLACES = [["What waits for you", "/", null], ["Your queue", "/me/queue", "regrantor"],
  ["Applications", "/applications", null], ["Grants", "/grants", null],
  ["Offers", "/offers", null], ["Reviews", "/me/reviews", "reviewer"],
  ["Payees", "/payees", "finance"], ["Payments", "/disbursements", "finance"],
  ["Calls", "/calls", null], ["Directions", "/agendas", null]];
const ANSWERED = ["invitation", "merge", "nomination", "delegation"];
let session = null;
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

function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16)).join("-");
}

// The answer of the API; an Error with the problem's own words where it refuses.
async function ask(method, address, body) {
  const headers = { Accept: "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  if (body) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": key() });
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The service could not be reached. Please try again.");
  }
  const kind = answer.headers.get("Content-Type") || "";
  const told = kind.includes("json") ? await answer.json() : null;
  if (answer.ok) return told;
  const fields = (told?.fields || []).map((field) => `${field.pointer}: ${field.message}`);
  throw Object.assign(new Error([told?.detail || answer.statusText, ...fields].join(" ")),
    { status: answer.status });
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

function heading(text) {
  at("title").textContent = text;
  document.title = `${text} · Almoner`;
}

const words = (name) => name.replaceAll("_", " ");
const isMoney = (value) => value && typeof value === "object" && "amount" in value && "currency" in value;

// What the API tells, a name and a value to a line; ids are for machines.
function show(parent, value) {
  const list = add(parent, "dl");
  for (const [name, told] of Object.entries(value)) {
    const empty = told === null || told === "" || (Array.isArray(told) && !told.length);
    if (empty || /(^|_)id$/.test(name)) continue;
    add(list, "dt", words(name));
    const place = add(list, "dd");
    if (isMoney(told)) {
      place.textContent = `${told.amount} ${told.currency}`;
    } else if (Array.isArray(told) && typeof told[0] === "object") {
      told.forEach((one) => (one.name && Object.keys(one).length <= 2
        ? add(place, "p", one.name) : show(place, one)));
    } else if (Array.isArray(told)) {
      place.textContent = told.join(", ");
    } else if (typeof told === "object") {
      if (told.name && Object.keys(told).length <= 2) place.textContent = told.name;
      else show(place, told);
    } else {
      place.textContent = String(told);
    }
  }
}

function shown(address, told) {
  const place = at("facts");
  place.hidden = false;
  const rows = told?.items;
  if (!Array.isArray(rows)) {
    if (told?.title || told?.name) heading(told.title || told.name);
    show(place, told || {});
  }
  const last = address.split("/").pop();
  const kind = last === "queue" ? "applications" : last;
  for (const row of rows || []) {
    const name = row.title || row.name || row.principal?.name || row.reference || words(kind);
    const line = add(place, "p");
    if (row.id && LISTS.includes(kind)) add(line, "a", name, { href: `/${kind}/${row.id}` });
    else line.textContent = name;
    const status = row.status || row.stage;
    if (status) line.append(` (${words(status)})`);
    const missing = row.missing_to_full;
    if (isMoney(missing)) line.append(`, ${missing.amount} ${missing.currency} missing`);
    if (row.promised_on) line.append(`, promised by ${row.promised_on}`);
  }
  if (rows && !rows.length) add(place, "p", "There is nothing here now.");
  if (told?.next && typeof told.next === "string" && rows) add(place, "p", "There is more: see the API.");
  add(place, "p", `The API has it at ${address}.`, { className: "small" });
}

// What waits for them, that of this page first.
function waits(items, own) {
  const place = at("todo");
  const rows = items.filter((item) => item.todo.length || own(item));
  rows.sort((a, b) => own(b) - own(a));
  const all = path === "/me/next";
  place.hidden = !rows.length && !all;
  if (!place.hidden) add(place, "h2", "What waits for you");
  if (!rows.length && all) add(place, "p", "Nothing waits for you now.");
  for (const item of rows.slice(0, 20)) {
    const line = add(place, "p");
    const page = item.object === "invitation"
      ? item.todo[0]?.href.replace(/^\/api\/v1/, "").replace(/\/accept$/, "")
      : PAGES[item.object] && `/${PAGES[item.object]}/${item.id}`;
    if (page && page !== path) add(line, "a", item.title, { href: page });
    else add(line, "strong", item.title);
    line.append(` (${words(item.stage)})`);
    for (const todo of item.todo) {
      add(place, "p", todo.due_on ? `${todo.what} By ${todo.due_on}.` : todo.what);
      add(place, "p", `With the API: ${todo.href}`, { className: "small" });
    }
    if (item.next) add(place, "p", item.next);
  }
}

function done(text, page) {
  for (const id of ["answer", "vouch", "asked"]) at(id).hidden = true;
  history.replaceState(null, "", location.pathname);
  say(text, true);
  const place = at("todo");
  place.replaceChildren();
  place.hidden = false;
  const links = page ? [["Go to it", page]] : [];
  links.push(["What waits for you", "/"]);
  for (const [name, href] of links) add(add(place, "p"), "a", name, { href });
}

// Where else to go, for who has logged in.
function places(roles) {
  const list = at("places");
  list.hidden = false;
  list.replaceChildren();
  for (const [name, href, role] of PLACES) {
    if (!role || roles.includes(role)) add(list, "a", name, { href });
  }
  add(list, "a", "The API", { href: "/docs/" });
}

// On to another page without losing the session, which ends with this one.
async function go() {
  visit += 1;
  path = here();
  secret = secretAt();
  previewed = null;
  seat = seatAt();
  for (const id of ["vouch", "answer"]) at(id).reset();
  for (const id of ["facts", "todo"]) at(id).replaceChildren();
  for (const id of ["facts", "todo", "answer", "why", "vouch", "asked"]) at(id).hidden = true;
  at("answer").elements.say[0].hidden = false;
  delete at("answer").dataset.yes;
  delete at("answer").dataset.no;
  scrollTo(0, 0);
  await entered().catch((problem) => say(problem.message, false));
}

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  const ours = link && link.origin === location.origin && !/^\/(docs|api|a|g)\//.test(link.pathname);
  if (!session || !ours || !plain) return;
  event.preventDefault();
  history.pushState(null, "", link.pathname);
  go();
});
addEventListener("popstate", () => (session ? go() : location.reload()));

// Which addresses of the API this page shows.
function addresses() {
  if (seat) return [`/api/v1${seat[1]}`];
  if (path === "/delegations") return ["/api/v1/me/delegations", "/api/v1/me/delegates"];
  return [`/api/v1${path}`];
}

async function entered() {
  for (const id of ["login", "new", "lead"]) at(id).hidden = true;
  say("", true);
  if (previewed) {
    at("answer").hidden = at("asked").hidden;
    return;
  }
  const mine = visit;
  const place = PLACES.find(([, href]) => href === path);
  heading(path === "/me/next" ? "Almoner" : place?.[0] || "Your account");
  const [me, next] = await Promise.all(["/api/v1/me", "/api/v1/me/next"].map(
    (address) => ask("GET", address).catch((problem) => ({ problem }))));
  if (mine !== visit) return;
  if (me.problem?.status === 401) {
    // It is over: whoever is there logs in anew, and finds the same page.
    session = challenge = null;
    for (const id of ["login", "lead"]) at(id).hidden = false;
    for (const id of ["places", "factor"]) at(id).hidden = true;
    const { email, password, code } = at("login").elements;
    email.disabled = password.disabled = code.required = false;
    say("Your session is over: please log in again.", false);
    return;
  }
  places(me.roles || []);
  const id = seat ? seat[2] : path.split("/").pop();
  const own = (item) => item.id === id;
  for (const address of path === "/me/next" ? [] : addresses()) {
    const told = await ask("GET", address).catch((problem) => ({ problem }));
    if (mine !== visit) return;
    if (told?.problem instanceof Error) {
      say(told.problem.message, false);
      continue;
    }
    shown(address, told);
    if (path.startsWith("/offers/") && told?.status === "awaiting_approval") {
      at("answer").hidden = at("why").hidden = false;
      at("answer").dataset.no = "deny";
      at("answer").dataset.yes = "approve";
    }
  }
  if (next.problem) {
    if (path === "/me/next") say(next.problem.message, false);
    return;
  }
  const asked = next.items.filter(own);
  if (asked.some((item) => ANSWERED.includes(item.object))) at("answer").hidden = false;
  const vouches = secret && path.startsWith("/vouch-requests/");
  if (vouches || asked.some((item) => item.object === "vouch_request")) {
    at("vouch").hidden = at("answer").hidden = false;
    at("answer").elements.say[0].hidden = true;
  }
  waits(next.items, own);
}

on(at("login"), async (form) => {
  say("", true);
  let told;
  if (challenge) {
    const code = form.code.value.trim();
    const shows = /^\d{6}$/.test(code) ? { code } : { recovery_code: code };
    told = await ask("POST", "/api/v1/auth/login/factor", { challenge, ...shows });
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
  session = told.access_token;
  await entered();
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

on(at("answer"), async (form, button) => {
  const yes = button.value === "accept";
  const command = (yes ? at("answer").dataset.yes : at("answer").dataset.no) || button.value;
  const body = secret ? { token: secret } : {};
  if (!yes && !at("why").hidden) body.reason = form.reason.value;
  const mine = visit;
  const told = await ask("POST", `/api/v1${path}/${command}`, body);
  if (mine !== visit) return;
  let page = yes && seat ? seat[1] : null;
  if (yes && path.startsWith("/nominations/") && told?.id) page = `/applications/${told.id}`;
  done(yes ? "Done: you said yes." : "Done: you said no.", page);
});

on(at("vouch"), async (form) => {
  const scopes = [...at("vouch").querySelectorAll("[name=scopes]:checked")].map((box) => box.value);
  const body = { scopes, strength: form.strength.value, how_known: form.how_known.value,
    statement: form.statement.value, visibility: form.visibility.value };
  if (form.conflicts.value.trim()) body.conflicts = form.conflicts.value;
  if (secret) body.token = secret;
  const mine = visit;
  await ask("POST", `/api/v1${path}/sign`, body);
  if (mine !== visit) return;
  done("Thank you: it is signed.", null);
});

// The session ends with the page.
addEventListener("pagehide", () => {
  if (!session) return;
  const headers = { Authorization: `Bearer ${session}`, "Content-Type": "application/json" };
  fetch("/api/v1/auth/logout", { method: "POST", headers, body: "{}", keepalive: true });
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// What the mail asks, before anybody logs in.
async function preview() {
  if (seat && !secret) {
    say("The link in the mail has more to it: open it from there once more, or log in with the " +
      "address that was invited.", false);
  }
  if (!previewed) return;
  try {
    const asks = await ask("POST", "/api/v1/invitations/preview", { token: secret });
    const place = at("asked");
    place.hidden = false;
    heading(asks.title || asks.from);
    add(place, "p", asks.question);
    if (asks.says) add(place, "p", asks.says, { className: "text" });
    if (asks.until) add(place, "p", `Until ${asks.until}.`);
    at("lead").textContent = "To answer, log in; your account may have another address than the " +
      "one the mail came to.";
  } catch (problem) {
    const over = problem.status === 401;
    for (const id of ["login", "new", "lead"]) at(id).hidden = over;
    if (over) heading("This link is no longer good");
    say(problem.message, false);
  }
}
preview();
