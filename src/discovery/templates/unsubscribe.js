// Sends the secret of a mailed link, which stands behind the # and so in no log.
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
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/saved-searches/unsubscribe", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      form.hidden = true;
      history.replaceState(null, "", location.pathname);
      say("Done. You will get no more mails for this search.", true);
      return;
    }
    const problem = await answer.json();
    say(problem.detail, false);
  } catch {
    say("The service could not be reached. Please try again.", false);
  }
  button.disabled = false;
});
