import { useState } from "react";
import { kept } from "./kept";

/** What is being written in a room. It is still there after the page was reloaded, or another room was visited. */
export function useDraft(room: string): [string, (text: string) => void] {
  const memory = kept(() => sessionStorage, `tandem chat draft ${room}`);
  const [text, setText] = useState(memory.get);
  const change = (text: string): void => {
    memory.set(text);
    setText(text);
  };
  return [text, change];
}
