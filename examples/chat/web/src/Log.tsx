import { memo, type ReactNode, useMemo } from "react";
import { arrange, type Block, dayOf, timeOf } from "./blocks";
import { type Conversation, textOf, type Unsaid } from "./conversation";
import { Portrait } from "./Portrait";
import { reasons } from "./reasons";
import { useFollow } from "./useFollow";

interface Props {
  readonly conversation: Conversation;
  readonly connected: boolean;
  onAgain(unsaid: Unsaid): void;
  onDiscard(unsaid: Unsaid): void;
}

/** What was said, and behind that what you have said and the others do not see yet. */
export function Log({ conversation, connected, onAgain, onDiscard }: Props): ReactNode {
  const { lines, mine, asked, unsaid } = conversation;
  const blocks = useMemo(() => arrange(lines), [lines]);
  const pending = asked.filter(({ message }) => textOf(message) !== undefined);
  const { box, unseen, onScroll, follow } = useFollow(lines, pending.length + unsaid.length);
  const decide = (f: (unsaid: Unsaid) => void, unsaid: Unsaid): void => {
    f(unsaid);
    box.current?.focus(); // the button, which has the focus, goes
  };
  return (
    <div className="log-frame">
      <div className="log" role="log" aria-label="Messages" tabIndex={0} ref={box} onScroll={onScroll} data-testid="log">
        <div className="log-inner">
          {blocks.length === 0 && conversation.you !== 0 && <p className="nothing">Nobody has said anything yet.</p>}
          {blocks.map((block) => (
            <BlockView key={block.key} block={block} mine={block.kind === "said" && mine.includes(block.by)} />
          ))}
          {pending.map(({ key, message }) => (
            <section key={key} className="said mine pending" data-testid="pending">
              <p className="text">{textOf(message)}</p>
              <p className="aside late">{connected ? "Sending …" : "Waits for the connection"}</p>
            </section>
          ))}
          {unsaid.map((u) => (
            <section key={u.key} className="said mine unsaid" data-testid="unsaid">
              <p className="text">{u.text}</p>
              <p className="aside">
                {u.why === "unsure" ? "Not confirmed" : "Not sent"}: {reasons[u.why]}.{" "}
                <button type="button" className="link" onClick={() => decide(onAgain, u)}>
                  Send again
                </button>{" "}
                <button type="button" className="link" onClick={() => decide(onDiscard, u)}>
                  Discard
                </button>
              </p>
            </section>
          ))}
        </div>
      </div>
      {unseen > 0 && (
        <button type="button" className="unseen" onClick={follow} data-testid="unseen">
          {unseen} new {unseen === 1 ? "message" : "messages"} <span aria-hidden="true">↓</span>
        </button>
      )}
    </div>
  );
}

const BlockView = memo(function BlockView({ block, mine }: { readonly block: Block; readonly mine: boolean }): ReactNode {
  switch (block.kind) {
    case "day":
      return <h2 className="day">{dayOf(block.at)}</h2>;
    case "note":
      return <p className="note">{block.text}</p>;
    case "gap":
      return (
        <p className="gap" data-testid="gap">
          {block.text}
        </p>
      );
    case "said":
      return (
        <section className={mine ? "said mine" : "said"}>
          {!mine && <Portrait name={block.name} />}
          <h3>
            <span className={mine ? "only-read" : ""}>{block.name}</span>{" "}
            <time dateTime={block.at.toISOString()}>{timeOf(block.at)}</time>
          </h3>
          {block.all.map(({ id, text }) => (
            <p key={id} className="text" data-testid="said">
              {text}
            </p>
          ))}
        </section>
      );
  }
}, sameBlock);

/** Blocks are made anew with each line. Those that say the same need not be rendered again. */
function sameBlock(a: { block: Block; mine: boolean }, b: typeof a): boolean {
  if (a.mine !== b.mine || a.block.key !== b.block.key) return false;
  if (a.block.kind === "said" && b.block.kind === "said") return a.block.all.length === b.block.all.length;
  return a.block.kind === "day" || (a.block as { text: string }).text === (b.block as { text: string }).text;
}
