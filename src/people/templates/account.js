// Sends the secret of a mailed link, which stands behind the # and so in no log, with a password.
"use strict";
const form = document.getElementById("form");
const said = document.getElementById("said");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

function say(text, good) {
  said.textContent = text;
  said.className = good ? "good" : "bad";
}

if (!token) {
  form.hidden = true;
  say("This link is not whole: open it from the mail once more, or copy all of it.", false);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const again = form.elements.again;
  const password = form.elements.password.value;
  if (again && again.value !== password) {
    say("The two passwords are not the same.", false);
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.api, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, password }),
    });
    if (answer.ok) {
      form.hidden = true;
      history.replaceState(null, "", location.pathname);
      say(form.dataset.done, true);
      document.getElementById("after").hidden = false;
      return;
    }
    const problem = await answer.json();
    const fields = (problem.fields || []).map((field) => field.message);
    say([problem.detail, ...fields].join(" "), false);
  } catch {
    say("The service could not be reached. Please try again.", false);
  }
  button.disabled = false;
});
