import { type Component, flushSync, hydrate, mount, unmount } from "svelte";
import { createSocket } from "../../src/svelte.js";
import { burst } from "../api.gen.js";
import { got, messages, type Props, root, sockets, states } from "./page.js";
import Show from "./Show.svelte";
import Silent from "./Silent.svelte";
import Store from "./Store.svelte";
import { reactive } from "./reactive.svelte.js";

const shown = new Map<string, { props: { of: Props }; unmount(): void }>();

function show(how: typeof mount | typeof hydrate, name: string, of: Props): void {
  const props = reactive({ name, of });
  const what: Component<{ name: string; of: Props }> = name === "silent" ? Silent : name === "store" ? Store : Show;
  const component = how(what, { target: root(name), props });
  shown.set(name, { props, unmount: () => void unmount(component) });
  flushSync();
}

globalThis.page = {
  render(name, of) {
    const found = shown.get(name);
    if (found) found.props.of = of;
    else show(mount, name, of);
  },
  hydrate: (name, of) => show(hydrate, name, of),
  unmount(name) {
    shown.get(name)?.unmount();
    shown.delete(name);
  },
  messages,
  states,
  sockets,
};

declare global {
  /** Makes a socket outside of a component, and gives what ends its subscription. */
  var outside: (of: Props) => () => void;
}

globalThis.outside = (of) => {
  const ws = createSocket(burst, { url: of.url, params: { n: of.n }, onMessage: (message) => got("outside", "", message) });
  return ws.subscribe(() => {});
};
