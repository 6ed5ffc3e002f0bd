import { createElement, type ReactNode, StrictMode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createRoot, hydrateRoot, type Root } from "react-dom/client";
import { useMessages, useSocket } from "../../src/react.js";
import { burst } from "../api.gen.js";
import { got, messages, type Props, root, saw, sockets, states } from "./page.js";

export function Show({ name, url, n, enabled, mark }: Props & { readonly name: string }): ReactNode {
  const { status, send, socket } = useSocket(burst, {
    url,
    params: { n },
    reconnect: { minMs: 1 },
    ...(enabled !== undefined && { enabled }),
    onMessage: (message) => got(name, mark, message),
  });
  // What is seen is what was committed, not what was tried.
  useEffect(() => {
    saw(name, status);
    sockets[name] = { send, socket: () => socket };
  });
  return status.state;
}

/** Folds the messages: the sum, how many were the first of a conversation, and how often it was rendered for that. */
function Sum({ url, n }: Props): ReactNode {
  const { socket } = useSocket(burst, { url, params: { n }, reconnect: { minMs: 1 } });
  const sum = useMessages(
    socket,
    (at, message, first) => ({ sum: at.sum + message, firsts: at.firsts + (first ? 1 : 0) }),
    { sum: 0, firsts: 0 },
  );
  const shown = useRef(sum);
  const [renders] = useState({ count: 0 });
  useEffect(() => {
    if (shown.current !== sum) renders.count++;
    shown.current = sum;
    sums.push(JSON.stringify(sum));
    globalThis.renders = renders.count;
  }, [sum]);
  return `${sum.sum}`;
}

/** Has a message come from the socket for n = 0 when n = 1 is committed, and its effects have not run yet. */
function Late({ url, n, mark }: Props): ReactNode {
  const [{ all, WebSocket }] = useState(recorder);
  useSocket(burst, { url, params: { n }, WebSocket, onMessage: (message) => got("late", mark, message) });
  useLayoutEffect(() => {
    if (n === 1) all[0]!.dispatchEvent(new MessageEvent("message", { data: "99" }));
  }, [n, all]);
  return `${n}`;
}

function recorder(): { all: WebSocket[]; WebSocket: new (url: string, protocols: string[]) => WebSocket } {
  const all: WebSocket[] = [];
  return {
    all,
    WebSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        all.push(this);
      }
    },
  };
}

const sums: string[] = [];
/** All components are in one root, as they are in an application: what changes at once is one commit. */
const shown = new Map<string, Props>();
const hydrated = new Map<string, Root>();
let all: Root | undefined;

function renderAll(): void {
  const elements = [...shown].map(([name, props]) =>
    createElement(
      "div",
      { id: name, key: name },
      name === "sum" ? createElement(Sum, props) : name === "late" ? createElement(Late, props) : createElement(Show, { name, ...props }),
    ),
  );
  all ??= createRoot(document.body.appendChild(document.createElement("main")));
  all.render(createElement(StrictMode, null, elements));
}

declare global {
  var sums: string[];
  var renders: number;
}

globalThis.sums = sums;
globalThis.page = {
  render(name, props) {
    shown.set(name, props);
    renderAll();
  },
  unmount(name) {
    hydrated.get(name)?.unmount();
    hydrated.delete(name);
    shown.delete(name);
    renderAll();
  },
  hydrate(name, props) {
    hydrated.set(name, hydrateRoot(root(name), createElement(Show, { name, ...props })));
  },
  messages,
  states,
  sockets,
};
