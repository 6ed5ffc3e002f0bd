/** What happens to the page around a socket. */
export interface PageEvents {
  /** There is a network again, or somebody looks at the page again, which may have been left: what waits need not. */
  wake(): void;
  /** The browser knows of no network. An open connection stays until it is lost. */
  offline(): void;
  /** The page is left. If it is kept it may come back, but not with an open socket. */
  hide(kept: boolean): void;
}

/** Whether the browser knows that there is no network. Elsewhere nothing is known. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}

/** Tells of what happens until the function that it returns is called. A worker knows of the network alone, and Node of nothing. */
export function watchPage(to: PageEvents): () => void {
  const gone = new AbortController();
  const on = (type: string, f: (event: Event) => void): void =>
    globalThis.addEventListener?.(type, f, { signal: gone.signal });
  on("online", to.wake);
  on("offline", to.offline);
  on("pagehide", (event) => to.hide((event as PageTransitionEvent).persisted));
  on("pageshow", to.wake);
  on("visibilitychange", () => document.hidden || to.wake());
  return () => gone.abort();
}
