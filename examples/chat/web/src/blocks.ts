// How lines are arranged: what somebody says in a row stands together, and a new day has a line of its own.
import type { MemberID, Said } from "./api.gen";
import type { Line } from "./conversation";

export type Block =
  | { readonly kind: "day"; readonly key: string; readonly at: Date }
  | { readonly kind: "note" | "gap"; readonly key: string; readonly text: string }
  | { readonly kind: "said"; readonly key: string; readonly at: Date; readonly by: MemberID; readonly name: string; readonly all: readonly Said[] };

/** What is said within this time stands together. */
const togetherMs = 5 * 60_000;

export function arrange(lines: readonly Line[]): Block[] {
  const blocks: Block[] = [];
  let day = "";
  for (const line of lines) {
    const last = blocks.at(-1);
    if (line.kind !== "said") {
      const { kind, text, key } = line;
      if (last?.kind === "note" && kind === "note") blocks[blocks.length - 1] = { ...last, text: `${last.text} · ${text}` };
      else blocks.push({ kind, text, key: `${kind} ${key}` });
      continue;
    }
    const { said } = line;
    const at = new Date(said.at);
    if (at.toDateString() !== day) {
      day = at.toDateString();
      blocks.push({ kind: "day", key: `day ${day}`, at });
    } else if (last?.kind === "said" && last.by === said.by && last.name === said.name && +at - +last.at < togetherMs) {
      blocks[blocks.length - 1] = { ...last, all: [...last.all, said] };
      continue;
    }
    const { id, by, name } = said;
    blocks.push({ kind: "said", key: `said ${by} ${id} ${said.at}`, at, by, name, all: [said] });
  }
  return blocks;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export function timeOf(at: Date): string {
  return clock.format(at);
}

export function dayOf(at: Date): string {
  const daysAgo = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  return daysAgo === 0 ? "Today" : daysAgo === 1 ? "Yesterday" : date.format(at);
}
