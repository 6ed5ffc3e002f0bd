import { createEffect, createSignal, type JSX } from "solid-js";
import { createComponent, render } from "solid-js/web";
import { createSocket } from "../../src/solid.js";
import { burst } from "../api.gen.js";
import { got, messages, type Props, root, saw, sockets, states } from "./page.js";

export function Show(props: { readonly name: string; readonly of: Props }): JSX.Element {
  const { status, send, socket } = createSocket(burst, {
    url: props.of.url,
    params: () => ({ n: props.of.n }),
    enabled: () => props.of.enabled !== false,
    reconnect: { minMs: 1 },
    onMessage: (message) => got(props.name, props.of.mark, message),
  });
  sockets[props.name] = { send, socket };
  createEffect(() => saw(props.name, status()));
  return (() => status().state) as unknown as JSX.Element;
}

const shown = new Map<string, { set(of: Props): void; dispose(): void }>();

globalThis.page = {
  render(name, of) {
    const found = shown.get(name);
    if (found) return found.set(of);
    const [props, set] = createSignal(of);
    const show = (): JSX.Element =>
      createComponent(Show, {
        name,
        get of() {
          return props();
        },
      });
    shown.set(name, { set, dispose: render(show, root(name)) });
  },
  unmount(name) {
    shown.get(name)?.dispose();
    shown.delete(name);
  },
  messages,
  states,
  sockets,
};
