import { useState } from "react";
import { kept } from "./kept";

const memory = kept(() => localStorage, "tandem chat name");

/** The name that was used last, "" if there is none yet, and a function that changes it. */
export function useName(): [string, (name: string) => void] {
  const [name, setName] = useState(memory.get);
  const change = (name: string): void => {
    memory.set(name);
    setName(name);
  };
  return [name, change];
}

const manners = ["Brisk", "Calm", "Clever", "Curious", "Gentle", "Lucky", "Merry", "Nimble", "Quiet", "Sunny"];
const animals = ["Badger", "Finch", "Heron", "Ibex", "Lynx", "Marten", "Otter", "Puffin", "Robin", "Tapir"];

/** A name for who does not care. */
export function suggestName(): string {
  const one = (of: string[]): string => of[Math.floor(Math.random() * of.length)]!;
  return `${one(manners)} ${one(animals)}`;
}
