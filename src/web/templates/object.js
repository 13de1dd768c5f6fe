// Shows what a mailed link leads to, to those whom it concerns: who logs in reads it from the API
// by the page's own path, and answers what they are asked. A secret stands behind the # of the
// link, and so in no log; it goes to the API in the body of a request.
"use strict";
const here = () => location.pathname.replace(/\/+$/, "") || "/me/next";
let path = here();
const secretAt = () => new URLSearchParams(location.hash.slice(1)).get("token");
let secret = secretAt();
const seatAt = () => path.match(/^(\/applications\/[^/]+)\/members\/([^/]+)$/);
let seat = seatAt();
// Whether the page shows what the API tells of by the token alone.
let previewed = false;
let previewing;
const MAILED = /^\/(nominations|delegations|vouch-requests)\//;
const LISTS = ["agendas", "applications", "calls", "concerns", "delegations", "disbursements",
  "grants", "merges", "nominations", "offers", "payees", "reviews", "screenings", "vouch-requests"];
const PAGES = { application: "applications", grant: "grants", review: "reviews",
  vouch_request: "vouch-requests", merge: "merges", nomination: "nominations",
  delegation: "delegations", offer: "offers", payee: "payees", disbursement: "disbursements" };
// What there is to look around in, with who finds something there.
const PLACES = [["What waits for you", "/", null], ["Your queue", "/me/queue", "regrantor"],
  ["Applications", "/applications", null], ["Grants", "/grants", null],
  ["Offers", "/offers", ["regrantor", "admin", "finance", "auditor"]], ["Reviews", "/me/reviews", "reviewer"],
  ["Payees", "/payees", "finance"], ["Payments", "/disbursements", "finance"],
  ["Calls", "/calls", null], ["Directions", "/agendas", null]];
// What a page is about, until the API tells its title.
const KINDS = { applications: "An application", grants: "A grant", reviews: "A review",
  offers: "An offer", payees: "A payee", disbursements: "A payment", delegations: "A delegation",
  merges: "A merge", nominations: "A nomination", "vouch-requests": "A vouch is asked for",
  screenings: "A screening", concerns: "A concern", calls: "A call", agendas: "A direction" };
// Who acts for whom stands in two lists, on one page.
const SIDES = { delegations: "You act for", delegates: "Who acts for you" };
const ANSWERED = ["invitation", "merge", "nomination", "delegation"];
const FORMS = ["vouch", "answer"];
// What was typed into the forms of each page, for whoever comes back to it.
const typed = new Map();

function heading(text) {
  at("title").textContent = text;
  document.title = `${text} · Almoner`;
}

const words = (name) => name.replaceAll("_", " ");
const isMoney = (value) => value && typeof value === "object" && "amount" in value && "currency" in value;
const money = (value) => `${value.amount} ${value.currency}`;

// What a row of a list is called.
function named(row, list) {
  if (list === "delegates") return row.delegate?.name || row.email;
  const amount = isMoney(row.amount) && money(row.amount);
  const own = row.title || row.name || row.principal?.name || row.call_title;
  return own || row.reference || amount;
}

const isId = (value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);

// The files that the page shows, by their ids.
const files = new Map();

function hang(address, rows) {
  const base = address.split("/").slice(0, 5).join("/");
  for (const row of Array.isArray(rows) ? rows : []) {
    files.set(row.id, { name: row.name || "A file", address: `${base}/attachments/${row.id}` });
  }
}

// The API asks who reads a file, so that it is fetched, and then kept as a download.
function file(place, id) {
  const { name, address } = files.get(id);
  add(place, "a", name, { href: address }).addEventListener("click", async (event) => {
    event.preventDefault();
    const mine = visit;
    try {
      const href = URL.createObjectURL(await ask("GET", address));
      setTimeout(() => URL.revokeObjectURL(href), 60000);
      if (mine !== visit) return;
      const kept = add(place, "a", "", { href, download: name, hidden: true });
      kept.click();
      kept.remove();
    } catch (problem) {
      if (mine === visit) say(problem.message, false);
    }
  });
}

function showAll(place, rows) {
  for (const one of rows) {
    if (files.has(one.id)) file(add(place, "p"), one.id);
    else if (one.name && Object.keys(one).length <= 2) add(place, "p", one.name);
    else show(place, one);
  }
}

// What the API tells, a name and a value to a line; ids are for machines.
function show(parent, value) {
  const list = add(parent, "dl");
  for (const [name, all] of Object.entries(value)) {
    const told = Array.isArray(all) ? all.filter((one) => !isId(one)) : all;
    const empty = told === null || told === "" || (Array.isArray(told) && !told.length);
    if (empty || (isId(told) && !files.has(told)) || /(^|_)id$/.test(name)) continue;
    add(list, "dt", words(name));
    const place = add(list, "dd");
    if (files.has(told)) {
      file(place, told);
    } else if (isMoney(told)) {
      place.textContent = money(told);
    } else if (Array.isArray(told) && typeof told[0] === "object") {
      showAll(place, told);
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
  const rows = Array.isArray(told?.items) ? told.items : null;
  const last = address.split("/").pop();
  hang(address, last === "attachments" ? rows : told?.attachments);
  if (!rows) {
    const asked = address.endsWith("/screening") && told?.application_title;
    if (told?.title || told?.name || asked) heading(told.title || told.name || asked);
    show(place, told || {});
  }
  const kind = { queue: "applications", delegates: "delegations" }[last] || last;
  if (rows && SIDES[last]) add(place, "h2", SIDES[last]);
  if (rows) {
    const { items, next, ...beside } = told;
    if (Object.keys(beside).length) show(place, beside);
  }
  for (const row of rows || []) {
    const name = named(row, last);
    const linked = row.id && LISTS.includes(kind);
    if (!name) {
      if (linked) add(add(place, "p"), "a", KINDS[kind], { href: `/${kind}/${row.id}` });
      show(place, row);
      continue;
    }
    const line = add(place, "p");
    if (linked) add(line, "a", name, { href: `/${kind}/${row.id}` });
    else if (files.has(row.id)) file(line, row.id);
    else line.textContent = name;
    const status = row.status || row.stage;
    if (status) line.append(` (${words(status)})`);
    const missing = row.missing_to_full;
    if (isMoney(missing)) line.append(`, ${money(missing)} missing`);
    if (row.promised_on) line.append(`, promised by ${row.promised_on}`);
  }
  if (rows && !rows.length) add(place, "p", "There is nothing here now.");
  if (told?.next && typeof told.next === "string" && rows) add(place, "p", "There is more: see the API.");
  add(place, "p", `The API has it at ${address}.`, { className: "small" });
}

// What waits for them, that of this page first.
function waits({ items, more }, own) {
  const place = at("todo");
  const rows = items.filter((item) => item.todo.length || own(item));
  rows.sort((a, b) => own(b) - own(a));
  const all = path === "/me/next";
  place.hidden = !rows.length && !all;
  if (!place.hidden) add(place, "h2", "What waits for you");
  if (!rows.length && all && !more) add(place, "p", "Nothing waits for you now.");
  for (const item of rows.slice(0, 20)) {
    const line = add(place, "p");
    const page = item.object === "invitation"
      ? item.todo[0]?.href.replace(/^\/api\/v1/, "").replace(/\/(accept|decline)$/, "")
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
  if (more || rows.length > 20) add(place, "p", "There is more: see the API.");
}

function done(text, page) {
  for (const id of ["answer", "vouch", "asked"]) at(id).hidden = true;
  for (const id of FORMS) at(id).reset();
  history.replaceState(null, "", location.pathname);
  secret = null;
  previewed = false;
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
    if (!role || [role].flat().some((one) => roles.includes(one))) add(list, "a", name, { href });
  }
  add(list, "a", "The API", { href: "/docs/" });
}

const fields = (id) => [...at(id).elements].filter((one) => one.matches("input,select,textarea"));

// On to another page without losing the session, which ends with this one.
async function go() {
  for (const id of FORMS) {
    typed.set(`${path} ${id}`, fields(id).map(({ value, checked }) => ({ value, checked })));
  }
  visit += 1;
  forgo();
  path = here();
  secret = secretAt();
  seat = seatAt();
  for (const id of FORMS) {
    at(id).reset();
    typed.get(`${path} ${id}`)?.forEach((told, n) => Object.assign(fields(id)[n], told));
  }
  scrollTo(0, 0);
  previewing = preview();
  const mine = visit;
  await entered().catch((problem) => say(problem.message, false));
  if (mine === visit) at("title").focus();
}

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  const ours = link && !link.download && link.origin === location.origin
    && !/^\/(docs|api|a|g)\//.test(link.pathname);
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

// Shows the form that answers what is asked here: yes or no, or a vouch or no.
function answering(vouch) {
  at("answer").hidden = false;
  at("vouch").hidden = !vouch;
  at("answer").elements.say[0].hidden = vouch;
}

async function entered() {
  for (const id of ["facts", "todo"]) at(id).replaceChildren();
  files.clear();
  const rest = ["login", "new", "lead", "facts", "todo", "why", ...FORMS];
  for (const id of rest) at(id).hidden = true;
  delete at("answer").dataset.yes;
  delete at("answer").dataset.no;
  say("", true);
  const mine = visit;
  await previewing;
  if (mine !== visit) return;
  if (previewed) {
    answering(path.startsWith("/vouch-requests/"));
    return;
  }
  const place = PLACES.find(([, href]) => href === path);
  heading(path === "/me/next" ? "Almoner" : place?.[0] || KINDS[path.split("/")[1]]
    || "Your account");
  const [me, next] = await Promise.all(["/api/v1/me", "/api/v1/me/next"].map(
    (address) => ask("GET", address).catch((problem) => ({ problem }))));
  if (mine !== visit) return;
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
    // Who reviews reads it by way of their review, which hides names where it is blind.
    if (/^\/reviews\/[^/]+$/.test(path) && told?.application_id) {
      const href = told.reviewer?.id === me.id
        ? `${path}/application` : `/applications/${told.application_id}`;
      add(add(at("facts"), "p"), "a", "What is reviewed", { href });
    }
    if (/^\/offers\/[^/]+$/.test(path) && told?.application_title) {
      const href = `/applications/${told.application_id}`;
      add(add(at("facts"), "p"), "a", "The application", { href });
    }
    const waiting = path.startsWith("/offers/") && told?.status === "awaiting_approval";
    // Nobody decides on their own.
    if (waiting && me.roles?.includes("admin") && told.regrantor_id !== me.id) {
      answering(false);
      at("why").hidden = false;
      at("answer").dataset.no = "deny";
      at("answer").dataset.yes = "approve";
    }
  }
  if (next.problem) {
    if (path === "/me/next") say(next.problem.message, false);
    return;
  }
  const asked = next.items.filter(own);
  if (path.startsWith("/reviews/") && asked[0]?.title) heading(asked[0].title);
  if (asked.some((item) => ANSWERED.includes(item.object))) answering(false);
  if (asked.some((item) => item.object === "vouch_request")) answering(true);
  waits(next, own);
}

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

// What the mail asks, before anybody logs in.
async function preview() {
  const place = at("asked");
  place.replaceChildren();
  place.hidden = true;
  previewed = false;
  if (seat && !secret && !session) {
    say("The link in the mail has more to it: open it from there once more, or log in with the " +
      "address that was invited.", false);
  }
  if (!secret || !(seat || MAILED.test(path))) return;
  const mine = visit;
  try {
    const asks = await ask("POST", "/api/v1/invitations/preview", { token: secret });
    if (mine !== visit) return;
    // What is answered is what the address names: it is not to be another than what is shown.
    if (asks.id !== (seat ? seat[2] : path.split("/").pop())) {
      throw Object.assign(new Error("This link is not complete: open it from the mail once more."),
        { status: 401 });
    }
    previewed = true;
    place.hidden = false;
    heading(asks.title || asks.from);
    add(place, "p", asks.question);
    if (asks.says) add(place, "p", asks.says, { className: "text" });
    if (asks.until) add(place, "p", `Until ${asks.until}.`);
    at("lead").textContent = "To answer, log in; your account may have another address than the " +
      "one the mail came to.";
  } catch (problem) {
    if (mine !== visit) return;
    say(problem.message, false);
    if (problem.status !== 401) return;
    // Whom it was mailed to may still log in, and finds what is asked now.
    secret = null;
    heading("This link is no longer good");
    for (const id of ["new", "lead"]) at(id).hidden = true;
  }
}
previewing = preview();
