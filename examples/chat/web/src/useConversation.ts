import { useEffect, useState } from "react";
import type { Status } from "@tandem-ws/client";
import { useSocket } from "@tandem-ws/client/react";
import { chat, ClientEvent } from "./api.gen";
import { ask, begin, type Conversation, drop, empty, forget, left, quiet, receive, type Unsaid } from "./conversation";

export interface InRoom {
  readonly conversation: Conversation;
  readonly status: Status;
  say(text: string): void;
  sayAgain(unsaid: Unsaid): void;
  discard(unsaid: Unsaid): void;
  rename(name: string): void;
  typing(): void;
  /** Makes the next attempt to connect now. */
  retry(): void;
  /** Enters the room again. */
  restart(): void;
}

/** The conversation in a room, for as long as the component is there. */
export function useConversation(room: string, name: string): InRoom {
  const [conversation, update] = useState(empty);
  const [enteredAs] = useState(name); // another one as a parameter would be somebody else who enters

  const { status, send, socket } = useSocket(chat, {
    params: { room, name: enteredAs },
    onMessage: (event) => update((c) => receive(c, event, Date.now())),
    // The server knows nothing of a name that was taken in another conversation.
    onOpen: ({ send }) => {
      const rename = name === enteredAs ? undefined : ClientEvent.Rename({ name });
      if (rename) send(rename);
      update((c) => begin(c, rename));
    },
    // What has certainly not arrived is sent again. About the rest a person has to decide.
    onGap: ({ unsent }) => {
      for (const { message, maybe } of unsent) {
        update((c) => drop(c, message, maybe ? "unsure" : undefined));
        if (!maybe) request(message);
      }
    },
  });

  /** Sends what is answered. */
  const request = (message: ClientEvent): void => {
    update((c) => ask(c, message));
    send(message).then(
      () => update((c) => left(c, message)),
      () => update((c) => drop(c, message, "unsent")),
    );
  };

  // Somebody who has stopped writing does not say so.
  useEffect(() => {
    if (conversation.writing.size === 0) return;
    const timer = setTimeout(() => update((c) => quiet(c, Date.now())), 500);
    return () => clearTimeout(timer);
  }, [conversation.writing]);

  return {
    conversation,
    status,
    say: (text) => request(ClientEvent.Say({ text })),
    sayAgain: ({ key, text }) => {
      update((c) => forget(c, key));
      request(ClientEvent.Say({ text }));
    },
    discard: ({ key }) => update((c) => forget(c, key)),
    rename: (name) => request(ClientEvent.Rename({ name })),
    typing: () => void socket.sendVolatile(ClientEvent.Typing()),
    retry: () => socket.retry(),
    restart: () => socket.restart(),
  };
}
