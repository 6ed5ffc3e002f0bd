// The browser's half of the uppercase example, written by hand: what it takes to speak to a tandem endpoint without
// anything of tandem's. Messages are text frames of JSON, because the socket offers the subprotocol "json".
//
//   to the server    {"TextInput":"hi"}
//   from the server  {"Uppercase":"HI"}
"use strict";

const element = (id) => document.getElementById(id);
const messages = element("messages"), input = element("input");

let url = null; // of the endpoint, with who we are
let socket = null; // the one in use; what others say is not listened to
let ended = ""; // how the last connection ended, while there is no other
let failures = 0; // how many connections in a row did not last
let timer = 0; // of the next attempt

// --- connection ------------------------------------------------------------------------------------------------------

// introduce connects as whoever the fields say.
function introduce() {
  if (!element("person").reportValidity()) return;
  url = new URL("api/uppercase_ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ name: element("name").value, age: element("age").value });
  failures = 0;
  ended = "";
  show("connecting", "connecting");
  connect();
}

function connect() {
  clearInterval(timer);
  socket?.close(1000);
  const mine = (socket = new WebSocket(url, "json"));
  let opened = Infinity;

  mine.onopen = () => {
    if (mine !== socket) return;
    opened = Date.now();
    show("open", "open");
  };
  mine.onmessage = ({ data }) => {
    if (mine !== socket) return;
    const message = JSON.parse(data);
    if ("Uppercase" in message) add(message.Uppercase);
  };
  mine.onclose = ({ code, reason }) => {
    if (mine !== socket) return;
    socket = null;
    if (Date.now() - opened > STEADY) failures = 0;
    // A further attempt that fails does not make the page forget how its connection ended.
    if (opened < Infinity) ended = "closed " + code + (reason && ` “${reason}”`);
    else ended ||= "failed " + code;
    if (comesBack(code)) comeBack();
    else show("closed", ended);
  };
}

// Which closes ask to come back: the same as Code.Reconnect in Go.
function comesBack(code) {
  return code === 1001 || code === 1006 || (code >= 1011 && code <= 1014) || code === 3008 ||
    (code >= 4000 && code <= 4399) || code === 4408 || code === 4425 || code === 4429;
}

// The wait is random, of up to twice as long after every failure, so that the pages of a server that was restarted do
// not come back all at once. A connection that has lasted for STEADY starts the count anew.
const SHORTEST = 500, LONGEST = 20_000, STEADY = 5_000; // ms

function comeBack() {
  show("waiting", ended + ", reconnecting");
  const at = Date.now() + Math.random() * Math.min(LONGEST, SHORTEST * 2 ** failures++);
  const tick = () => {
    const left = at - Date.now();
    if (left <= 0) connect();
    element("countdown").textContent = left > 0 ? `in ${Math.ceil(left / 1000)} s` : "now …";
  };
  timer = setInterval(tick, 100);
  tick();
}

// --- page ------------------------------------------------------------------------------------------------------------

function show(state, text) {
  document.body.dataset.state = state;
  const status = element("status");
  if (status.textContent !== text) status.textContent = text; // a screen reader reads out every change
  element("countdown").textContent = "";
  element("connect").hidden = state === "open" || state === "connecting";
  element("send").disabled = state !== "open";
}

const KEPT = 500; // messages that the page remembers

function add(text) {
  const item = document.createElement("li");
  const said = document.createElement("span");
  said.textContent = text;
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString("en-GB");
  item.append(said, time);
  messages.append(item);
  if (messages.childElementCount > KEPT) messages.firstElementChild.remove();
  element("clear").disabled = false;
  follow();
}

// The last message stays in sight, unless somebody has scrolled up to read.
let following = true, lastTop = 0;
const follow = () => following && messages.scrollTo(0, messages.scrollHeight);
new ResizeObserver(follow).observe(messages);
messages.addEventListener("scroll", () => {
  if (messages.scrollHeight - messages.scrollTop - messages.clientHeight < 20) following = true;
  else if (messages.scrollTop < lastTop) following = false;
  lastTop = messages.scrollTop;
});

element("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.value === "" || socket?.readyState !== WebSocket.OPEN) return; // the text stays until it can be sent
  socket.send(JSON.stringify({ TextInput: input.value }));
  input.value = "";
});

element("clear").addEventListener("click", () => {
  messages.replaceChildren();
  element("clear").disabled = true;
  input.focus();
});

element("connect").addEventListener("click", introduce);
element("person").addEventListener("change", introduce);
element("person").addEventListener("submit", (event) => event.preventDefault()); // Enter causes a change event first

// A browser may keep a page that was left, for the way back, and its websocket open with it: the server would talk to
// nobody. A page that goes for good is closed by the browser, with 1001.
addEventListener("pagehide", (event) => {
  if (!event.persisted) return;
  clearInterval(timer);
  socket?.close(1000);
  socket = null;
});
addEventListener("pageshow", (event) => {
  if (event.persisted) introduce();
});

introduce();
