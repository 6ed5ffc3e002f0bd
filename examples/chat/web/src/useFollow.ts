import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Line } from "./conversation";

interface Follow {
  readonly box: RefObject<HTMLDivElement | null>;
  /** How many messages have come below what is seen. */
  readonly unseen: number;
  onScroll(): void;
  /** Goes to the end. */
  follow(): void;
}

/** Closer to the end than this counts as there. */
const nearPx = 48;

/** Keeps the end of the log in sight while somebody is there, and leaves those alone who read what is above. */
export function useFollow(lines: readonly Line[], own: number): Follow {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const seen = useRef({ lines, own });
  const [unseen, setUnseen] = useState(0);

  const toEnd = (): void => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };

  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = { lines, own };
    if (own > before.own) atEnd.current = true; // who says something wants to see it
    if (atEnd.current) toEnd();
    else setUnseen((n) => n + countNew(before.lines, lines));
  }, [lines, own]);

  // It stays at the end also when there is less room, as when a keyboard comes up, and when what is shown there grows.
  useEffect(() => {
    const watcher = new ResizeObserver(() => atEnd.current && toEnd());
    watcher.observe(box.current!);
    watcher.observe(box.current!.firstElementChild!);
    return () => watcher.disconnect();
  }, []);

  return {
    box,
    unseen,
    onScroll() {
      const { scrollTop, clientHeight, scrollHeight } = box.current!;
      atEnd.current = scrollHeight - scrollTop - clientHeight < nearPx;
      if (atEnd.current) setUnseen(0);
    },
    follow() {
      atEnd.current = true;
      setUnseen(0);
      toEnd();
      box.current!.focus();
    },
  };
}

/** How many messages have come behind those that were there. */
function countNew(before: readonly Line[], now: readonly Line[]): number {
  const last = before.at(-1);
  const at = last ? now.lastIndexOf(last) : -1;
  return now.slice(at + 1).filter((line) => line.kind === "said").length;
}
