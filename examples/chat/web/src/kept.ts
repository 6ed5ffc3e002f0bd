/** A text that the browser keeps. Where it keeps nothing, as some do in private windows, it is "" next time. */
export function kept(storage: () => Storage, key: string): { get(): string; set(text: string): void } {
  return {
    get() {
      try {
        return storage().getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    set(text) {
      try {
        if (text === "") storage().removeItem(key);
        else storage().setItem(key, text);
      } catch {
        // then it is not kept
      }
    },
  };
}
