import { useState } from "react";
import { kept } from "./kept";

const memoryOf = (room: string): ReturnType<typeof kept> => kept(() => sessionStorage, `tandem chat draft ${room}`);

/** What is being written in a room. It is still there after the page was reloaded, or another room was visited. */
export function useDraft(room: string): [string, (text: string) => void] {
  const memory = memoryOf(room);
  const [text, setText] = useState(memory.get);
  const change = (text: string): void => {
    memory.set(text);
    setText(text);
  };
  return [text, change];
}

/** Puts texts in front of what is being written in a room, for when its page is next loaded. */
export function putIntoDraft(room: string, texts: readonly string[]): void {
  const memory = memoryOf(room);
  memory.set([...texts, memory.get()].filter((text) => text !== "").join("\n"));
}
