import type { Unsaid } from "./conversation";

/** Why something was not said, to go on with a sentence. */
export const reasons: { readonly [why in Unsaid["why"]]: string } = {
  empty: "there is nothing to see in it",
  "too-long": "it is too long",
  control: "there are characters in it that cannot be shown",
  "too-fast": "that was too much at once",
  unsent: "there is no connection",
  unsure: "nobody can tell whether it was said",
};
