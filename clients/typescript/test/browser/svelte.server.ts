import { render } from "svelte/server";
import Show from "./Show.svelte";
import Store from "./Store.svelte";

export function show(what: "Show" | "Store", of: object): string {
  return render(what === "Show" ? Show : Store, { props: { name: "server", of } }).body;
}
