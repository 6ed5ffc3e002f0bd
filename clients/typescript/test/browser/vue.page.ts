import { createApp, createSSRApp, defineComponent, h, shallowReactive, watchPostEffect } from "vue";
import { useSocket } from "../../src/vue.js";
import { burst } from "../api.gen.js";
import { got, messages, type Props, root, saw, sockets, states } from "./page.js";

export const Show = defineComponent((props: { name: string; of: Props }) => {
  const { status, send, socket } = useSocket(burst, {
    url: props.of.url,
    params: () => ({ n: props.of.n }),
    enabled: () => props.of.enabled !== false,
    reconnect: { minMs: 1 },
    onMessage: (message) => got(props.name, props.of.mark, message),
  });
  sockets[props.name] = { send, socket: () => socket.value };
  watchPostEffect(() => void saw(props.name, status.value));
  return () => h("p", status.value.state);
}, { props: ["name", "of"] });

const apps = new Map<string, { props: { of: Props }; unmount(): void }>();

function mount(create: typeof createApp, name: string, of: Props): void {
  const props = shallowReactive({ name, of });
  const app = create(() => h(Show, { ...props }));
  apps.set(name, { props, unmount: () => app.unmount() });
  app.mount(root(name));
}

globalThis.page = {
  render(name, of) {
    const found = apps.get(name);
    if (found) found.props.of = of;
    else mount(createApp, name, of);
  },
  hydrate: (name, of) => mount(createSSRApp, name, of),
  unmount(name) {
    apps.get(name)?.unmount();
    apps.delete(name);
  },
  messages,
  states,
  sockets,
};
