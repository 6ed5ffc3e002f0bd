import { type ReactNode, useEffect } from "react";
import { isFinal } from "@tandem-ws/client";
import { Closed } from "./Closed";
import { Composer } from "./Composer";
import { Connection } from "./Connection";
import { Log } from "./Log";
import { People } from "./People";
import { useConversation } from "./useConversation";
import { putIntoDraft } from "./useDraft";
import { Writing } from "./Writing";

interface Props {
  readonly room: string;
  readonly name: string;
  onName(name: string): void;
}

/** A room: what is said in it, who is there, and where you say something. */
export function Room({ room, name, onName }: Props): ReactNode {
  const { conversation, status, retry, restart, ...you } = useConversation(room, name);
  const { members, unsaid } = conversation;
  const over = isFinal(status);
  const entered = conversation.you !== 0;

  const reload = (): void => {
    putIntoDraft(room, unsaid.map(({ text }) => text));
    location.reload();
  };

  // It is remembered as the server has it, and once that has agreed.
  useEffect(() => {
    if (conversation.renamed !== undefined) onName(conversation.renamed);
  }, [conversation.renamed]);
  useEffect(() => {
    document.title = `${room} · Chat`;
  }, [room]);

  return (
    <>
      <main className={entered || !over ? "room" : "room barred"}>
        <header className="bar">
          <button type="button" className="icon only-narrow" popoverTarget="rooms" aria-label="Rooms" data-testid="show-rooms">
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="M3 5.5h14M3 10h14M3 14.5h14" />
            </svg>
          </button>
          <div className="title">
            <h1 data-testid="room">
              <span aria-hidden="true">#</span>
              {room}
            </h1>
            <Connection status={status} onRetry={retry} />
          </div>
          {entered && (
            <button type="button" className="pill only-not-wide" popoverTarget="people" data-testid="show-people">
              {members.length} {members.length === 1 ? "person" : "people"}
            </button>
          )}
        </header>
        {(entered || !over) && (
          <>
            <Log conversation={conversation} connected={status.state === "open"} onAgain={you.sayAgain} onDiscard={you.discard} />
            <Writing conversation={conversation} />
          </>
        )}
        {over ? (
          <Closed status={status} onReload={reload} onRestart={restart} onName={() => onName("")} />
        ) : (
          <Composer room={room} onSay={you.say} onTyping={you.typing} />
        )}
      </main>
      <People conversation={conversation} onRename={you.rename} />
    </>
  );
}
