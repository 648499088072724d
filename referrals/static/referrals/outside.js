// The page of a provider without an account: opens a link with its PIN, shows the packet with its notice, answers.
// The token stands behind the # of the address and goes to the server only in a body; the session's secret lives as
// long as this tab. Everything shown is put in as text, never as markup.
"use strict";

const BASE = "/api/v1/outside/";
const KEPT = "session";
const ANSWERS = [
  { verb: "acknowledge", label: "I have received it", data: () => ({}) },
  { verb: "request_info", label: "Ask something", data: (words) => ({ question: words }) },
  { verb: "accept", label: "Accept", data: (words) => ({ contact_name: words }) },
  { verb: "decline", label: "Decline: no capacity", data: () => ({ decline_reason: "no_capacity", declined_by: "receiver" }) },
  { verb: "decline", label: "Decline: not eligible", data: () => ({ decline_reason: "not_eligible", declined_by: "receiver" }) },
  { verb: "decline", label: "Decline: payer", data: () => ({ decline_reason: "payer", declined_by: "receiver" }) },
  { verb: "decline", label: "Decline: other", data: () => ({ decline_reason: "other", declined_by: "receiver" }) },
  { verb: "start", label: "The first visit took place", data: () => ({ first_visit_at: new Date().toISOString() }) },
  { verb: "complete", label: "Done; these words are my summary", data: (words, stage) => ({
    outcome: stage === "in_progress" || stage === "on_hold" ? "served" : "not_needed", summary: words }) },
];

const part = (id) => document.getElementById(id);
const say = (words) => { part("told").textContent = words; };

async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const secret = sessionStorage.getItem(KEPT);
  if (secret && path !== "session/open") headers.Authorization = `Link ${secret}`;
  const answer = await fetch(BASE + path.replace("session/open", "session/"), {
    method, headers, body: body ? JSON.stringify(body) : undefined, credentials: "omit", referrerPolicy: "no-referrer",
  });
  const told = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) {
    const why = Object.values(told.fields || {}).flat().join(" ");
    throw new Error(why || told.detail || "This did not work. Try again.");
  }
  return told;
}

function facts(section, prefix) {
  const list = part("facts");
  for (const [name, value] of Object.entries(section)) {
    const label = `${prefix}${name.replaceAll("_", " ")}`;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) { facts(value, `${label}: `); continue; }
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    term.textContent = label;
    words.textContent = Array.isArray(value)
      ? value.map((each) => (typeof each === "object" ? Object.values(each).join(" ") : each)).join("\n") : String(value ?? "");
    list.append(term, words);
  }
}

async function show() {
  const read = await ask("GET", "referral/");
  const packet = read.packet;
  say(`From ${packet.from.name}, for ${packet.to.program}. It stands at: ${read.stage.replaceAll("_", " ")}.`);
  part("notice").textContent = packet.notice.text;
  part("scope").textContent = packet.consent_scope;
  part("facts").replaceChildren();
  const { contact, ...sections } = packet.sections;
  facts(sections, "");
  if (read.contact.length) facts({ reach: read.contact.map((each) => `${each.kind} ${each.value}`) }, "");
  for (const more of read.supplements) facts(more.packet.sections, "added later: ");
  await offer(read.stage);
  part("opening").hidden = true;
  part("packet").hidden = part("answers").hidden = false;
}

async function offer(stage) {
  const open = new Set((await ask("GET", "referral/transitions/")).transitions.map((each) => each.verb));
  const buttons = ANSWERS.filter((each) => open.has(each.verb)).map((each) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = each.label;
    button.addEventListener("click", () => answer(each, stage));
    return button;
  });
  part("buttons").replaceChildren(...buttons);
}

async function answer(chosen, stage) {
  try {
    await ask("POST", "referral/transitions/", { verb: chosen.verb, data: chosen.data(part("words").value.trim(), stage) });
    part("words").value = "";
    if (chosen.verb === "decline") over("Thank you. Your answer was passed on, and the message is shown no longer.");
    else await show();
  } catch (error) { say(error.message); }
}

function over(words) {
  sessionStorage.removeItem(KEPT);
  for (const id of ["opening", "packet", "answers"]) part(id).hidden = true;
  part("facts").replaceChildren();
  say(words);
}

async function begin() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname); // the address bar and the history keep no token
  part("opening").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const opened = await ask("POST", "session/open", { token, pin: part("pin").value });
      sessionStorage.setItem(KEPT, opened.secret);
      await show();
    } catch (error) { say(error.message); }
  });
  part("done").addEventListener("click", async () => {
    try { await ask("DELETE", "session/"); } catch { /* it is over already */ }
    over("Thank you. It is shown no longer.");
  });
  if (sessionStorage.getItem(KEPT)) {
    try { await show(); return; } catch { sessionStorage.removeItem(KEPT); }
  }
  if (!token) { over("This address is not complete. Open the link as you got it."); return; }
  say("Somebody sent you a message about a person whom they would like you to help.");
  part("opening").hidden = false;
}

begin();
