// What tsc says about the hooks. The functions are not called.
import { expectTypeOf, test } from "vitest";
import { ref } from "vue";
import type { GapError, Status } from "../src/index.js";
import * as react from "../src/react.js";
import * as solid from "../src/solid.js";
import * as svelte from "../src/svelte.js";
import * as vue from "../src/vue.js";
import { burst, type Echoed, echoJSON, ends, keptJSON } from "./api.gen.js";

test("react", () => {
  () => {
    const { status, send, socket } = react.useSocket(echoJSON, {
      params: { name: "x" },
      onMessage: (message) => expectTypeOf(message).toEqualTypeOf<Echoed>(),
      onGap: (gap) => expectTypeOf(gap).toEqualTypeOf<GapError<Echoed>>(),
      onOpen: ({ send }) => send("Double"),
    });
    expectTypeOf(status).toEqualTypeOf<Status>();
    expectTypeOf(send).parameter(0).toEqualTypeOf<Echoed>();
    expectTypeOf(socket).toExtend<AsyncIterable<Echoed>>();
    expectTypeOf(react.useMessages(socket, (all, message) => [...all, message], [] as Echoed[])).toEqualTypeOf<Echoed[]>();
    // @ts-expect-error a reducer gives what it takes
    react.useMessages(socket, (all: number, message) => message, 0);
    // @ts-expect-error parameters are required
    react.useSocket(echoJSON);
    // @ts-expect-error parameters are required
    react.useSocket(echoJSON, { enabled: true });
    // @ts-expect-error name is text
    react.useSocket(echoJSON, { params: { name: 1 } });
    // @ts-expect-error parameters are values here
    react.useSocket(burst, { params: () => ({ n: 1 }) });
    // @ts-expect-error the hook sees to that
    react.useSocket(echoJSON, { params: { name: "x" }, lazy: true });
    // @ts-expect-error it is no message of the endpoint
    void send("Triple");
    react.useSocket(keptJSON);
    react.useSocket(keptJSON, { onMessage: (message) => expectTypeOf(message).toEqualTypeOf<string>(), enabled: false });
    react.useSocket(ends, { params: {} });
  };
});

test("vue", () => {
  () => {
    const name = ref("x");
    const { status, send, socket } = vue.useSocket(echoJSON, {
      params: () => ({ name: name.value }),
      enabled: ref(true),
      onMessage: (message) => expectTypeOf(message).toEqualTypeOf<Echoed>(),
    });
    expectTypeOf(status.value).toEqualTypeOf<Status>();
    expectTypeOf(send).parameter(0).toEqualTypeOf<Echoed>();
    expectTypeOf(socket.value.send).toEqualTypeOf(send);
    vue.useSocket(burst, { params: ref({ n: 1 }) });
    vue.useSocket(burst, { params: { n: 1 }, enabled: () => true });
    vue.useSocket(keptJSON);
    // @ts-expect-error parameters are required
    vue.useSocket(burst);
    // @ts-expect-error n is a number
    vue.useSocket(burst, { params: () => ({ n: "1" }) });
    // @ts-expect-error parameters are there at once
    vue.useSocket(burst, { params: async () => ({ n: 1 }) });
  };
});

test.each([["solid"], ["svelte"]])("%s", () => {
  () => {
    const a = solid.createSocket(echoJSON, {
      params: () => ({ name: "x" }),
      enabled: () => true,
      onMessage: (message) => expectTypeOf(message).toEqualTypeOf<Echoed>(),
    });
    expectTypeOf(a.status()).toEqualTypeOf<Status>();
    expectTypeOf(a.send).parameter(0).toEqualTypeOf<Echoed>();
    solid.createSocket(burst, { params: { n: 1 } });
    solid.createSocket(keptJSON);
    // @ts-expect-error parameters are required
    solid.createSocket(burst, {});

    const b = svelte.createSocket(echoJSON, {
      params: () => ({ name: "x" }),
      enabled: () => true,
      onMessage: (message) => expectTypeOf(message).toEqualTypeOf<Echoed>(),
    });
    expectTypeOf(b.status).toEqualTypeOf<Status>();
    expectTypeOf(b.send).parameter(0).toEqualTypeOf<Echoed>();
    svelte.createSocket(burst, { params: { n: 1 } });
    svelte.createSocket(keptJSON);
    // @ts-expect-error parameters are required
    svelte.createSocket(burst);
  };
});
